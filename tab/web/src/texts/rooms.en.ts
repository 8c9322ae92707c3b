const counted = (count: number, one: string, many: string) => (count === 1 ? one : many);

/** The English sentences of the pages beside the phone, and the shape that every other language has to fill. */
export const rooms = {
  call: (who: string) => `Call ${who}`,
  delete: (what: string) => `Delete ${what}`,
  unknown: "Unknown",
  search: "Search",

  colleagues: {
    search: "Find a colleague",
    filter: "Show",
    filters: { all: "All", free: "Free", busy: "On the phone" },
    states: {
      available: "Free",
      ringing: "Phone is ringing",
      active: "On the phone",
      queue_pause: "Pause",
      unavailable: "No phone connected",
      unknown: "Not known",
    } as Record<string, string>,
    since: (age: string) => `since ${age}`,
    seen: "The phone system tells the state; the time is when this service first saw it.",
    counted: (count: string, free: string) => `${count} colleagues, ${free} of them free`,
    none: "No colleagues yet",
    noneText: "Colleagues appear here for whom you have a busy lamp key on your phone system.",
    nobody: "Nobody fits this",
    nobodyText: "Try another name, or choose “All”.",
  },

  history: {
    filter: "Which calls",
    filters: { all: "All", missed: "Missed", inbound: "Incoming", outbound: "Outgoing" },
    period: "Period",
    periods: { any: "Any time", today: "Today", week: "Last 7 days", month: "Last 30 days" },
    group: "Group",
    anyGroup: "All groups",
    ownCalls: "Calls to me only",
    search: "Find a name or number",
    byPerson: "By person",
    export: "Save as table",
    exportFailed: "The table was not made.",
    total: (count: number, text: string) => counted(count, "1 call", `${text} calls`),
    directions: { inbound: "Incoming", outbound: "Outgoing" },
    missed: "Missed",
    unanswered: "Nobody picked up",
    callBack: (who: string) => `Call ${who} back`,
    times: (count: number) => counted(count, "1 call", `${count} calls`),
    missedTimes: (count: number) => counted(count, "1 missed", `${count} missed`),
    show: (who: string) => `Show the calls with ${who}`,
    deleted: (count: number) => counted(count, "Call deleted", `${count} calls deleted`),
    deleteFailed: "Not deleted.",
    none: "No calls yet",
    noneText: "Calls that are over are listed here.",
    noneFit: "No calls fit this",
    noneFitText: "Choose another filter or search for something else.",
  },

  settings: {
    account: "Phone system and sign-in",
    signedInTo: (pbx: string) => `You are signed in to ${pbx}.`,
    ends: (moment: string) => `The sign-in ends ${moment} at the latest; then you sign in again.`,
    signOutHint:
      "Signing out ends it everywhere: in this tab, in the chat and on your other devices. Your phones keep working.",
    signOut: "Sign out everywhere",
    notSignedIn: "You are not signed in.",
  },
};

export type Rooms = typeof rooms;
