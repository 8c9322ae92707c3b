import { Button, Switch, makeStyles, tokens } from "@fluentui/react-components";
import { KeyCommandRegular, PeopleTeamRegular } from "@fluentui/react-icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { asProblem } from "../../api/problem";
import { functionKeys, groups, pressKey, setGroup, type FunctionKey, type Group } from "../../api/settings";
import { Answered, Blank } from "../../lists/Answered";
import { withQueries } from "../../lists/queries";
import { useRowStyles } from "../../lists/row-look";
import { PageFrame } from "../../surface/PageFrame";
import { ProblemBar } from "../../surface/ProblemBar";
import { useLive, useProduct, useRooms, useTexts } from "../../surface/product";

const useStyles = makeStyles({
  list: { listStyle: "none", margin: 0, padding: 0, display: "flex", flexDirection: "column" },
  group: {
    display: "flex",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalM,
    minHeight: "52px",
    ":not(:last-child)": { borderBottom: `1px solid ${tokens.colorNeutralStroke3}` },
  },
  keys: {
    listStyle: "none",
    margin: 0,
    padding: 0,
    display: "grid",
    gridTemplateColumns: "repeat(auto-fill, minmax(13rem, 1fr))",
    gap: tokens.spacingHorizontalM,
  },
  key: { width: "100%", minHeight: "56px", justifyContent: "flex-start", textAlign: "start" },
  kind: {
    display: "block",
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightRegular,
    color: tokens.colorNeutralForeground3,
  },
});

/** Groups one takes calls for, and the function keys that do something by themselves. */
function GroupsPage() {
  const { line } = useProduct();
  const texts = useTexts();
  const signedIn = useLive((state) => state.session?.state === "signed_in");
  const known = useQuery({ queryKey: ["groups"], queryFn: () => groups(line.api), enabled: signedIn });
  const keys = useQuery({ queryKey: ["keys"], queryFn: () => functionKeys(line.api), enabled: signedIn });
  return (
    <PageFrame title={texts.pages.groups}>
      <Answered query={known} rows={3}>
        {(all) => <Groups groups={all} />}
      </Answered>
      {signedIn && (
        <Answered query={keys} rows={2}>
          {(all) => <Keys keys={all} />}
        </Answered>
      )}
    </PageFrame>
  );
}

function Groups({ groups: known }: { groups: readonly Group[] }) {
  const styles = useStyles();
  const rows = useRowStyles();
  const { groups: texts } = useRooms();
  const change = useGroupChange();
  if (known.length === 0) return <Blank title={texts.none} text={texts.noneText} icon={<PeopleTeamRegular />} />;
  return (
    <section className={rows.card} aria-label={texts.title}>
      <p className={rows.hint}>{texts.hint}</p>
      {change.isError && <ProblemBar problem={asProblem(change.error)} title={texts.failed} />}
      <ul className={styles.list}>
        {known.map((group) => (
          <li key={group.id} className={styles.group}>
            <span className={`${rows.words} ${rows.grow}`}>
              <span className={rows.first} dir="auto">
                {group.name}
              </span>
              <span className={rows.second}>{[group.active ? texts.on : texts.off, ...group.numbers].join(" · ")}</span>
            </span>
            <Switch
              aria-label={texts.takes(group.name)}
              checked={group.active}
              onChange={(_, { checked }) => change.mutate({ id: group.id, active: checked })}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Logs on or off at once, and takes it back when refused. */
function useGroupChange() {
  const { line } = useProduct();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, active }: { id: string; active: boolean }) => setGroup(line.api, id, active),
    onMutate: async ({ id, active }) => {
      await client.cancelQueries({ queryKey: ["groups"] });
      const before = client.getQueryData<Group[]>(["groups"]);
      client.setQueryData<Group[]>(["groups"], (all) =>
        all?.map((each) => (each.id === id ? { ...each, active } : each)),
      );
      return { before };
    },
    onSuccess: (after) => client.setQueryData(["groups"], after),
    onError: (thrown, _, before) => {
      client.setQueryData(["groups"], before?.before);
      line.noticed(asProblem(thrown));
    },
  });
}

function Keys({ keys }: { keys: readonly FunctionKey[] }) {
  const styles = useStyles();
  const rows = useRowStyles();
  const { line } = useProduct();
  const { groups: texts } = useRooms();
  const client = useQueryClient();
  const press = useMutation({
    mutationFn: (id: string) => pressKey(line.api, id),
    onSettled: () => client.invalidateQueries({ queryKey: ["keys"] }),
    onError: (thrown) => void line.noticed(asProblem(thrown)),
  });
  if (keys.length === 0) return null;
  return (
    <section className={rows.card} aria-labelledby="function-keys">
      <h2 id="function-keys" className={rows.cardTitle}>
        {texts.keys}
      </h2>
      {press.isError && <ProblemBar problem={asProblem(press.error)} title={texts.pressFailed} />}
      <ul className={styles.keys}>
        {keys.map(({ id, name, kind, active, number }) => (
          <li key={id}>
            <Button
              className={styles.key}
              appearance={active === true ? "primary" : "secondary"}
              icon={<KeyCommandRegular />}
              aria-pressed={active ?? undefined}
              disabled={press.isPending && press.variables === id}
              onClick={() => press.mutate(id)}
            >
              <span className={rows.words}>
                {name || number || texts.kinds[kind]}
                <span className={styles.kind} style={active === true ? { color: "inherit" } : undefined}>
                  {[texts.kinds[kind] ?? kind, active == null ? "" : active ? texts.keyOn : texts.keyOff]
                    .filter((part) => part !== "")
                    .join(" · ")}
                </span>
              </span>
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

export default withQueries(GroupsPage);
