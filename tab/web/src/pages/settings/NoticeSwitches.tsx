import { Switch } from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { changeNotices, notices, type NoticeChange, type Notices } from "../../api/own-data";
import { asProblem } from "../../api/problem";
import { Answered } from "../../lists/Answered";
import { useRowStyles } from "../../lists/row-look";
import { ProblemBar } from "../../surface/ProblemBar";
import { useProduct, useRooms } from "../../surface/product";
import { ClockField, QuietFields } from "./ClockFields";

const KINDS = ["incoming", "missed", "voicemail", "signIn", "presence"] as const;

/** What the bot tells of its own accord, and when not. */
export function NoticeSwitches() {
  const rows = useRowStyles();
  const { line } = useProduct();
  const { settings } = useRooms();
  const query = useQuery({ queryKey: ["notices"], queryFn: () => notices(line.api) });
  const change = useChange();
  return (
    <section className={rows.card} aria-labelledby="settings-notices">
      <h2 id="settings-notices" className={rows.cardTitle}>
        {settings.notices}
      </h2>
      <p className={rows.hint}>{settings.noticesHint}</p>
      {change.isError && <ProblemBar problem={asProblem(change.error)} title={settings.noticesFailed} />}
      <Answered query={query} rows={3} open>
        {(known) => (
          <>
            {KINDS.map((kind) => (
              <Switch
                key={kind}
                label={settings.kinds[kind]}
                checked={known[kind]}
                onChange={(_, { checked }) => change.mutate({ [kind]: checked })}
              />
            ))}
            <QuietFields quiet={known.quiet} onChange={(quiet) => change.mutate({ quiet })} />
            <ClockField
              label={settings.digest}
              clock={known.digest}
              usual="17:00"
              onChange={(digest) => change.mutate({ digest })}
            />
          </>
        )}
      </Answered>
    </section>
  );
}

/** Switches at once, and back when refused. */
function useChange() {
  const { line } = useProduct();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: NoticeChange) => changeNotices(line.api, wish),
    onMutate: (wish) => {
      const before = client.getQueryData<Notices>(["notices"]);
      client.setQueryData<Notices>(["notices"], (known) =>
        known === undefined ? known : ({ ...known, ...wish } as Notices),
      );
      return { before };
    },
    onSuccess: (after) => client.setQueryData(["notices"], after),
    onError: (thrown, _, kept) => {
      client.setQueryData(["notices"], kept?.before);
      line.noticed(asProblem(thrown));
    },
  });
}
