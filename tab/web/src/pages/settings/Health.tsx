import { useQuery } from "@tanstack/react-query";
import { diagnostics, type Diagnostics } from "../../api/own-data";
import { Answered } from "../../lists/Answered";
import { useRowStyles } from "../../lists/row-look";
import { CopyButton } from "../../surface/ProblemBar";
import { useLive, useProduct, useRooms } from "../../surface/product";
import { Row, useLedgerStyles } from "./Ledger";

/** How the connection does: for oneself and, copied, for the administrator. No secret and nothing personal is in it. */
export function Health() {
  const rows = useRowStyles();
  const { line } = useProduct();
  const { settings } = useRooms();
  const query = useQuery({ queryKey: ["diagnostics"], queryFn: () => diagnostics(line.api), staleTime: 0 });
  return (
    <section className={rows.card} aria-labelledby="settings-health">
      <h2 id="settings-health" className={rows.cardTitle}>
        {settings.health}
      </h2>
      <Answered query={query} rows={3} open>
        {(known) => <Facts known={known} />}
      </Answered>
    </section>
  );
}

function Facts({ known }: { known: Diagnostics }) {
  const styles = useLedgerStyles();
  const { language } = useProduct();
  const { settings } = useRooms();
  const link = useLive((state) => state.link);
  const age = (seconds: number | null) => (seconds === null ? settings.never : language.age(0, seconds * 1_000));
  const facts: readonly (readonly [string, string])[] = [
    [settings.facts.page, settings.links[link]],
    [settings.facts.connection, settings.connections[known.connection]],
    [settings.facts.events, known.events === null ? settings.notKnown : settings.ways[known.events]],
    [settings.facts.lastEvent, age(known.lastEventAge)],
    [settings.facts.lastKeepAlive, age(known.lastKeepAliveAge)],
    [settings.facts.service, known.serviceVersion],
    [
      settings.facts.pbx,
      [known.pbxVersion, known.protocol, known.tls].filter((part) => part !== null).join(" · ") || settings.notKnown,
    ],
    [settings.facts.id, known.requestId],
  ];
  return (
    <>
      <dl className={styles.entries}>
        {facts.map(([name, value]) => (
          <Row key={name} name={name} life={value} />
        ))}
      </dl>
      <div>
        <CopyButton text={facts.map(([name, value]) => `${name}: ${value}`).join("\n")} label={settings.copy} />
      </div>
    </>
  );
}
