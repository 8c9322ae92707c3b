import { Button, Input, makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { CallRegular, PeopleRegular, SearchRegular } from "@fluentui/react-icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useDeferredValue, useEffect, useMemo, useState } from "react";
import { colleagues, type Colleague } from "../../api/people";
import type { Problem } from "../../api/problem";
import { Answered, Blank } from "../../lists/Answered";
import { Filters } from "../../lists/Filters";
import { VirtualList } from "../../lists/VirtualList";
import { withQueries } from "../../lists/queries";
import { useRowStyles } from "../../lists/row-look";
import { Initials } from "../../surface/Initials";
import { PageFrame } from "../../surface/PageFrame";
import { ProblemBar } from "../../surface/ProblemBar";
import { useDesk, useLive, useProduct, useRooms, useTexts } from "../../surface/product";
import { useNow } from "../../surface/time";

type Filter = "all" | "free" | "busy";

const KEY = ["colleagues"];

const useStyles = makeStyles({
  search: { flexGrow: 1, minWidth: "12rem" },
  lamp: {
    position: "absolute",
    insetInlineEnd: "-2px",
    bottom: "-2px",
    width: "12px",
    height: "12px",
    borderRadius: tokens.borderRadiusCircular,
    border: `2px solid ${tokens.colorNeutralBackground1}`,
    backgroundColor: tokens.colorNeutralForeground4,
  },
  figure: { position: "relative" },
  available: { backgroundColor: tokens.colorPaletteLightGreenForeground3 },
  active: { backgroundColor: tokens.colorPaletteRedBackground3 },
  ringing: { backgroundColor: tokens.colorBrandForeground1 },
  queue_pause: { backgroundColor: tokens.colorPaletteMarigoldBackground3 },
  hollow: {
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: `inset 0 0 0 2px ${tokens.colorNeutralForeground3}`,
  },
});

/** Colleagues with their telephone state, as busy lamps show it. */
function ColleaguesPage() {
  const { line } = useProduct();
  const texts = useTexts();
  const signedIn = useLive((state) => state.session?.state === "signed_in");
  const query = useQuery({ queryKey: KEY, queryFn: () => colleagues(line.api), enabled: signedIn });
  useNews();
  return (
    <PageFrame title={texts.pages.colleagues} wide>
      <Answered query={query} rows={10}>
        {(known) => <Lamps colleagues={known} />}
      </Answered>
    </PageFrame>
  );
}

/** Puts what the stream tells of single colleagues into what is known of all. */
function useNews(): void {
  const { line } = useProduct();
  const client = useQueryClient();
  useEffect(() => {
    const changed = ({ data }: MessageEvent<Colleague>): void => {
      client.setQueryData<Colleague[]>(KEY, (known) => known?.map((each) => (each.id === data.id ? data : each)));
    };
    line.news.addEventListener("colleague", changed as EventListener);
    return () => line.news.removeEventListener("colleague", changed as EventListener);
  }, [line, client]);
}

function Lamps({ colleagues: known }: { colleagues: readonly Colleague[] }) {
  const styles = useStyles();
  const rows = useRowStyles();
  const { language } = useProduct();
  const { colleagues: texts } = useRooms();
  const [typed, setTyped] = useState("");
  const [filter, setFilter] = useState<Filter>("all");
  const [problem, setProblem] = useState<Problem | null>(null);
  const wanted = useDeferredValue(typed);
  const shown = useMemo(() => fitting(known, wanted, filter, language.tag), [known, wanted, filter, language.tag]);
  const free = known.filter(({ state }) => state === "available").length;
  if (known.length === 0) return <Blank title={texts.none} text={texts.noneText} icon={<PeopleRegular />} />;
  return (
    <>
      <div className={rows.tools} role="search">
        <Input
          className={styles.search}
          type="search"
          contentBefore={<SearchRegular />}
          aria-label={texts.search}
          placeholder={texts.search}
          value={typed}
          onChange={(_, { value }) => setTyped(value)}
        />
        <Filters label={texts.filter} names={texts.filters} chosen={filter} onChoose={setFilter} />
      </div>
      <p className={rows.hint}>
        {texts.counted(language.count(known.length), language.count(free))}. {texts.seen}
      </p>
      {problem !== null && <ProblemBar problem={problem} />}
      {shown.length === 0 ? (
        <Blank title={texts.nobody} text={texts.nobodyText} icon={<PeopleRegular />} />
      ) : (
        <VirtualList label={texts.filters[filter]} items={shown} keyOf={({ id }) => id}>
          {(colleague) => <LampRow colleague={colleague} onProblem={setProblem} />}
        </VirtualList>
      )}
    </>
  );
}

function LampRow({ colleague, onProblem }: { colleague: Colleague; onProblem: (problem: Problem | null) => void }) {
  const styles = useStyles();
  const rows = useRowStyles();
  const { line, language } = useProduct();
  const rooms = useRooms();
  const { colleagues: texts } = rooms;
  const phoneId = useDesk((desk) => desk.phoneId);
  const offset = useLive((state) => state.clockOffset);
  const now = useNow(30_000) + offset;
  const { id, name, number, state, since } = colleague;
  const who = name || number || rooms.unknown;
  const word = texts.states[state] ?? state;
  const lamp = {
    available: styles.available,
    active: styles.active,
    ringing: styles.ringing,
    queue_pause: styles.queue_pause,
  };
  return (
    <div className={rows.row} data-colleague={id} data-state={state}>
      <span className={styles.figure} aria-hidden>
        <Initials name={name} ringing={state === "ringing"} />
        <span className={mergeClasses(styles.lamp, (lamp as Record<string, string>)[state] ?? styles.hollow)} />
      </span>
      <span className={rows.words}>
        <span className={rows.first} dir="auto" title={who}>
          {who}
        </span>
        <span className={rows.second}>
          {word} · {language.age(Date.parse(since), now)}
          {number !== "" && ` · ${number}`}
        </span>
      </span>
      {number !== "" && (
        <Button
          appearance="subtle"
          icon={<CallRegular />}
          aria-label={rooms.call(who)}
          title={rooms.call(who)}
          onClick={() => void line.call(number, phoneId).then(onProblem)}
        />
      )}
    </div>
  );
}

function fitting(known: readonly Colleague[], typed: string, filter: Filter, tag: string): readonly Colleague[] {
  const fold = (text: string): string => text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLocaleLowerCase(tag);
  const words = fold(typed).split(/\s+/);
  const busy = new Set<string>(["active", "ringing"]);
  return known
    .filter(({ state }) => filter === "all" || (filter === "free" ? state === "available" : busy.has(state)))
    .filter(({ name, number }) => words.every((word) => fold(name).includes(word) || number.includes(word)))
    .sort((one, other) => one.name.localeCompare(other.name, tag));
}

export default withQueries(ColleaguesPage);
