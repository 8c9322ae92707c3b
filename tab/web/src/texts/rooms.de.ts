import type { Rooms } from "./rooms.en";

const counted = (count: number, one: string, many: string) => (count === 1 ? one : many);

/** Die deutschen Sätze der Seiten neben dem Telefon. */
export const rooms: Rooms = {
  call: (who) => `${who} anrufen`,
  delete: (what) => `${what} löschen`,
  unknown: "Unbekannt",
  search: "Suchen",

  colleagues: {
    search: "Jemanden finden",
    filter: "Anzeigen",
    filters: { all: "Alle", free: "Frei", busy: "Im Gespräch" },
    states: {
      available: "Frei",
      ringing: "Telefon klingelt",
      active: "Im Gespräch",
      queue_pause: "Pause",
      unavailable: "Kein Telefon verbunden",
      unknown: "Nicht bekannt",
    },
    since: (age) => `seit ${age}`,
    seen: "Den Zustand meldet die Telefonanlage; die Zeit ist, seit wann dieser Dienst ihn kennt.",
    counted: (count, free) => `${count} im Team, davon ${free} frei`,
    none: "Noch niemand hier",
    noneText: "Hier erscheinen alle, für die Sie an Ihrer Telefonanlage eine Besetztlampen-Taste haben.",
    nobody: "Niemand passt dazu",
    nobodyText: "Versuchen Sie einen anderen Namen, oder wählen Sie „Alle“.",
  },

  history: {
    filter: "Welche Anrufe",
    filters: { all: "Alle", missed: "Verpasst", inbound: "Eingehend", outbound: "Ausgehend" },
    period: "Zeitraum",
    periods: { any: "Jederzeit", today: "Heute", week: "Letzte 7 Tage", month: "Letzte 30 Tage" },
    group: "Gruppe",
    anyGroup: "Alle Gruppen",
    ownCalls: "Nur Anrufe an mich",
    search: "Name oder Nummer finden",
    byPerson: "Nach Person",
    export: "Als Tabelle speichern",
    exportFailed: "Die Tabelle wurde nicht erstellt.",
    total: (count, text) => counted(count, "1 Anruf", `${text} Anrufe`),
    directions: { inbound: "Eingehend", outbound: "Ausgehend" },
    missed: "Verpasst",
    unanswered: "Niemand hat abgehoben",
    callBack: (who) => `${who} zurückrufen`,
    times: (count) => counted(count, "1 Anruf", `${count} Anrufe`),
    missedTimes: (count) => counted(count, "1 verpasst", `${count} verpasst`),
    show: (who) => `Die Anrufe mit ${who} zeigen`,
    deleted: (count) => counted(count, "Anruf gelöscht", `${count} Anrufe gelöscht`),
    deleteFailed: "Nicht gelöscht.",
    none: "Noch keine Anrufe",
    noneText: "Hier stehen Anrufe, die vorbei sind.",
    noneFit: "Kein Anruf passt dazu",
    noneFitText: "Wählen Sie einen anderen Filter, oder suchen Sie etwas anderes.",
  },

  settings: {
    account: "Telefonanlage und Anmeldung",
    signedInTo: (pbx) => `Sie sind bei ${pbx} angemeldet.`,
    ends: (moment) => `Die Anmeldung endet spätestens ${moment}; dann melden Sie sich wieder an.`,
    signOutHint:
      "Abmelden gilt überall: in diesem Tab, im Chat und auf Ihren anderen Geräten. Ihre Telefone funktionieren weiter.",
    signOut: "Überall abmelden",
    notSignedIn: "Sie sind nicht angemeldet.",
  },
};
