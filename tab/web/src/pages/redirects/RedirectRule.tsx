import { Button, Switch, makeStyles, tokens } from "@fluentui/react-components";
import { EditRegular } from "@fluentui/react-icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem } from "../../api/problem";
import { changeRedirect, type Redirect, type RedirectChange, type Redirects } from "../../api/settings";
import { useRowStyles } from "../../lists/row-look";
import { ProblemBar } from "../../surface/ProblemBar";
import { useProduct, useRooms } from "../../surface/product";
import { useNow } from "../../surface/time";
import { RedirectForm } from "./RedirectForm";

const useStyles = makeStyles({
  rule: { display: "flex", flexDirection: "column", rowGap: tokens.spacingVerticalS },
  line: { display: "flex", alignItems: "center", columnGap: tokens.spacingHorizontalS },
  off: { color: tokens.colorNeutralForeground3 },
  sentence: { flexGrow: 1, minWidth: 0, overflowWrap: "anywhere" },
});

/** One rule as a sentence, with its switch; its target and time are changed below it. */
export function RedirectRule({ rule }: { rule: Redirect }) {
  const styles = useStyles();
  const rows = useRowStyles();
  const { language } = useProduct();
  const { redirects: texts } = useRooms();
  const now = useNow(60_000);
  const [open, setOpen] = useState(false);
  const change = useRedirectChange(rule.id);
  const goal = rule.target === "" ? texts.noGoal : texts.goal(rule.to, rule.targetName ?? rule.target);
  const sentence = texts.rule(texts.when(rule.trigger, rule.timeout), goal);
  const until = rule.until == null ? "" : texts.until(language.moment(Date.parse(rule.until), now));
  const switched = (enabled: boolean): void => {
    if (enabled && rule.target === "") setOpen(true);
    else change.mutate({ enabled });
  };
  return (
    <div className={styles.rule} data-redirect={rule.id} data-enabled={rule.enabled}>
      <div className={styles.line}>
        <span className={`${styles.sentence} ${rule.enabled ? "" : styles.off}`}>
          {sentence}
          {until !== "" && <span className={rows.second}>{until}</span>}
        </span>
        <Button
          appearance="subtle"
          icon={<EditRegular />}
          aria-label={texts.change(sentence)}
          title={texts.change(sentence)}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        />
        <Switch aria-label={sentence} checked={rule.enabled} onChange={(_, { checked }) => switched(checked)} />
      </div>
      {change.isError && <ProblemBar problem={asProblem(change.error)} title={texts.failed} />}
      {open && (
        <RedirectForm
          rule={rule}
          busy={change.isPending}
          onClose={() => setOpen(false)}
          onSave={(wish) => change.mutate(wish, { onSuccess: () => setOpen(false) })}
        />
      )}
    </div>
  );
}

/** Changes a rule at once, and takes it back when refused. What is in force is told by the service. */
function useRedirectChange(id: string) {
  const { line } = useProduct();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: RedirectChange) => changeRedirect(line.api, id, change),
    onMutate: async ({ enabled }) => {
      await client.cancelQueries({ queryKey: ["redirects"] });
      const before = client.getQueryData<Redirects>(["redirects"]);
      client.setQueryData<Redirects>(["redirects"], (all) =>
        all === undefined
          ? all
          : { ...all, redirects: all.redirects.map((each) => (each.id === id ? { ...each, enabled } : each)) },
      );
      return { before };
    },
    onSuccess: (after) => client.setQueryData(["redirects"], after),
    onError: (thrown, _, kept) => {
      client.setQueryData(["redirects"], kept?.before);
      line.noticed(asProblem(thrown));
    },
  });
}
