import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { forgetTraces, traces, type Trace } from "../../api/own-data";
import { asProblem } from "../../api/problem";
import { Answered } from "../../lists/Answered";
import { useRowStyles } from "../../lists/row-look";
import { ProblemBar } from "../../surface/ProblemBar";
import { useProduct, useRooms, useTexts } from "../../surface/product";

const useStyles = makeStyles({
  entries: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr) max-content",
    gap: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalL}`,
    margin: 0,
  },
  life: { margin: 0, color: tokens.colorNeutralForeground3, fontVariantNumeric: "tabular-nums" },
});

/** Exactly what the service knows about the person, and for how long; and the button that makes it forget. */
export function Ledger() {
  const rows = useRowStyles();
  const { line } = useProduct();
  const texts = useTexts();
  const { settings } = useRooms();
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["traces"], queryFn: () => traces(line.api) });
  const [asking, ask] = useState(false);
  const forget = useMutation({
    mutationFn: () => forgetTraces(line.api),
    onSuccess: () => {
      ask(false);
      line.look();
      return client.invalidateQueries({ queryKey: ["traces"] });
    },
  });
  return (
    <section className={rows.card} aria-labelledby="settings-ledger">
      <h2 id="settings-ledger" className={rows.cardTitle}>
        {settings.ledger}
      </h2>
      <p className={rows.hint}>{settings.ledgerHint}</p>
      <Answered query={query} rows={2} open>
        {(entries) => <Entries entries={entries} />}
      </Answered>
      {forget.isError && <ProblemBar problem={asProblem(forget.error)} title={settings.forgetFailed} />}
      <div className={rows.tools}>
        {asking ? (
          <>
            <span role="alert">{settings.forgetSure}</span>
            <Button appearance="primary" disabled={forget.isPending} onClick={() => forget.mutate()}>
              {settings.forgetYes}
            </Button>
            <Button onClick={() => ask(false)}>{texts.cancel}</Button>
          </>
        ) : (
          <Button onClick={() => ask(true)}>{settings.forget}</Button>
        )}
      </div>
    </section>
  );
}

function Entries({ entries }: { entries: readonly Trace[] }) {
  const styles = useStyles();
  const { language } = useProduct();
  const { settings } = useRooms();
  if (entries.length === 0) return <span>{settings.nothingKnown}</span>;
  return (
    <dl className={styles.entries}>
      {entries.map(({ kind, expiresIn }, index) => (
        <Row
          key={`${kind} ${index}`}
          name={settings.traces[kind] ?? kind}
          life={settings.gone(language.ahead(expiresIn))}
        />
      ))}
    </dl>
  );
}

export function Row({ name, life }: { name: string; life: string }) {
  const styles = useStyles();
  return (
    <>
      <dt>{name}</dt>
      <dd className={styles.life}>{life}</dd>
    </>
  );
}

export { useStyles as useLedgerStyles };
