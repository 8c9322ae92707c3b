import { Badge, Button, makeStyles, tokens } from "@fluentui/react-components";
import { CheckmarkCircleFilled, DismissCircleFilled, WarningFilled } from "@fluentui/react-icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { usage } from "../../api/administration";
import type { Check, Pbx } from "../../api/model";
import { asProblem } from "../../api/problem";
import { ProblemBar } from "../../surface/ProblemBar";
import { useProduct, useTexts } from "../../surface/product";
import { PbxForm } from "./PbxForm";

const useStyles = makeStyles({
  card: {
    display: "flex",
    flexDirection: "column",
    rowGap: tokens.spacingVerticalM,
    padding: tokens.spacingHorizontalXL,
    borderRadius: tokens.borderRadiusXLarge,
    border: `1px solid ${tokens.colorTransparentStroke}`,
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: tokens.shadow4,
  },
  head: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: tokens.spacingHorizontalS },
  name: { margin: 0, fontSize: tokens.fontSizeBase400, overflowWrap: "anywhere" },
  address: { color: tokens.colorNeutralForeground3, overflowWrap: "anywhere" },
  actions: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  checks: {
    listStyle: "none",
    margin: 0,
    padding: 0,
    display: "flex",
    flexDirection: "column",
    rowGap: tokens.spacingVerticalS,
  },
  check: { display: "grid", gridTemplateColumns: "1.5rem minmax(0, 1fr)", alignItems: "start" },
  icon: { fontSize: "1.125rem", lineHeight: tokens.lineHeightBase300 },
  pass: { color: tokens.colorStatusSuccessForeground1 },
  warn: { color: tokens.colorStatusWarningForeground3 },
  fail: { color: tokens.colorStatusDangerForeground1 },
  subject: { fontWeight: tokens.fontWeightSemibold },
});

/** One phone system of the organisation, with a check of the way to it. */
export function PbxCard({ pbx, onChanged }: { pbx: Pbx; onChanged: () => void }) {
  const styles = useStyles();
  const { line } = useProduct();
  const { administration: texts } = useTexts();
  const check = useMutation({ mutationFn: () => line.api.checkPbx(pbx.id) });
  const people = useQuery({ queryKey: ["usage", pbx.id], queryFn: () => usage(line.api, pbx.id) });
  const [editing, edit] = useState(false);
  const saved = () => {
    edit(false);
    check.reset();
    onChanged();
  };
  return (
    <li className={styles.card}>
      <div className={styles.head}>
        <h2 className={styles.name}>{pbx.name}</h2>
        {pbx.primary && <Badge appearance="tint">{texts.primary}</Badge>}
      </div>
      <span className={styles.address}>
        {pbx.host}:{pbx.port} · {texts.tlsModes[pbx.tls]}
        {people.isSuccess && ` · ${texts.signedIn(people.data)}`}
      </span>
      {editing && <PbxForm known={pbx} onSaved={saved} onCancel={() => edit(false)} />}
      {check.isError && <ProblemBar problem={asProblem(check.error)} />}
      {check.isSuccess && <Checks checks={check.data} />}
      <div className={styles.actions}>
        <Button disabled={check.isPending} onClick={() => check.mutate()}>
          {check.isPending ? texts.checking : texts.check}
        </Button>
        {!editing && <Button onClick={() => edit(true)}>{texts.edit}</Button>}
        <RemoveButton pbx={pbx} onRemoved={onChanged} />
      </div>
    </li>
  );
}

const ICONS: Readonly<Record<Check["status"], ReactElement>> = {
  pass: <CheckmarkCircleFilled aria-hidden />,
  warn: <WarningFilled aria-hidden />,
  fail: <DismissCircleFilled aria-hidden />,
};

/** The results, each with its grade as colour, icon and word. */
function Checks({ checks }: { checks: readonly Check[] }) {
  const styles = useStyles();
  const { administration: texts } = useTexts();
  return (
    <ul className={styles.checks} aria-live="polite">
      {checks.map(({ id, status, detail }) => (
        <li key={id} className={styles.check} data-check={id} data-status={status}>
          <span className={`${styles.icon} ${styles[status]}`}>{ICONS[status]}</span>
          <span>
            <span className={styles.subject}>{texts.checks[id] ?? id}</span> – {texts.grades[status]}. {detail}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Removes after a second click: it signs people out. */
function RemoveButton({ pbx, onRemoved }: { pbx: Pbx; onRemoved: () => void }) {
  const { line } = useProduct();
  const texts = useTexts();
  const [asking, ask] = useState(false);
  const remove = useMutation({ mutationFn: () => line.api.removePbx(pbx.id), onSuccess: onRemoved });
  if (remove.isError) return <ProblemBar problem={asProblem(remove.error)} />;
  if (!asking) return <Button onClick={() => ask(true)}>{texts.administration.remove}</Button>;
  return (
    <>
      <span role="alert">{texts.administration.removeSure(pbx.name)}</span>
      <Button disabled={remove.isPending} onClick={() => remove.mutate()}>
        {texts.administration.removeYes}
      </Button>
      <Button onClick={() => ask(false)}>{texts.cancel}</Button>
    </>
  );
}
