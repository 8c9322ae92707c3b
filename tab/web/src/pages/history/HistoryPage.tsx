import { Button, Input, Select, Switch, makeStyles } from "@fluentui/react-components";
import { ArrowDownloadRegular, HistoryRegular, SearchRegular } from "@fluentui/react-icons";
import { useDeferredValue, useState } from "react";
import { historyTable, type HistoryEntry, type HistoryFilter } from "../../api/history";
import { asProblem, type Problem } from "../../api/problem";
import { Answered, Blank } from "../../lists/Answered";
import { Filters } from "../../lists/Filters";
import { VirtualList } from "../../lists/VirtualList";
import { withQueries } from "../../lists/queries";
import { useRowStyles } from "../../lists/row-look";
import { useUndo } from "../../lists/undo";
import { PageFrame } from "../../surface/PageFrame";
import { ProblemBar } from "../../surface/ProblemBar";
import { useProduct, useRooms, useTexts } from "../../surface/product";
import { EntryRow } from "./EntryRow";
import { PersonRow } from "./PersonRow";
import { saved } from "../../surface/saved";
import { byPerson, type Acquaintance } from "./by-person";
import { filterOf, startingView, useEntries, useForget, type View } from "./entries";

const useStyles = makeStyles({
  search: { flexGrow: 1, minWidth: "12rem" },
});

/** Calls that are over: found, called back, thrown away, taken along. */
function HistoryPage() {
  const rows = useRowStyles();
  const { desk } = useProduct();
  const texts = useTexts();
  const { history } = useRooms();
  const [view, setView] = useState<View>(() => startingView(desk.getState().item));
  const wanted = useDeferredValue(view);
  const [grouped, group] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const entries = useEntries(wanted);
  const undo = useUndo(useForget(), history.deleted, history.deleteFailed);
  return (
    <PageFrame
      title={texts.pages.history}
      actions={<SaveButton filter={filterOf(wanted)} onProblem={setProblem} />}
      wide
    >
      <Tools view={view} onView={setView} />
      {problem !== null && <ProblemBar problem={problem} />}
      {undo.bar}
      <Answered query={entries.query} rows={10}>
        {(pages) => {
          const shown = pages.pages.flatMap((page) => page.entries).filter(({ id }) => !undo.gone.has(id));
          const total = Math.max(0, (pages.pages[0]?.total ?? 0) - undo.gone.size);
          if (shown.length === 0) return <Nothing view={wanted} />;
          return (
            <>
              <div className={rows.tools}>
                <TotalLine total={total} />
                <Switch
                  label={history.byPerson}
                  labelPosition="before"
                  checked={grouped}
                  onChange={(_, { checked }) => group(checked)}
                />
              </div>
              <Entries
                shown={shown}
                total={total}
                grouped={grouped}
                onEnd={entries.more}
                onRemove={undo.remove}
                onProblem={setProblem}
                onSearch={(q) => {
                  group(false);
                  setView({ ...view, q });
                }}
              />
            </>
          );
        }}
      </Answered>
    </PageFrame>
  );
}

function TotalLine({ total }: { total: number }) {
  const rows = useRowStyles();
  const { language } = useProduct();
  const { history } = useRooms();
  return (
    <span className={`${rows.hint} ${rows.grow}`} role="status">
      {history.total(total, language.count(total))}
    </span>
  );
}

interface EntriesProps {
  readonly shown: readonly HistoryEntry[];
  readonly total: number;
  readonly grouped: boolean;
  readonly onEnd: () => void;
  readonly onRemove: (id: string) => void;
  readonly onProblem: (problem: Problem | null) => void;
  readonly onSearch: (q: string) => void;
}

function Entries({ shown, total, grouped, onEnd, onRemove, onProblem, onSearch }: EntriesProps) {
  const texts = useTexts();
  if (grouped) {
    return (
      <VirtualList<Acquaintance>
        label={texts.pages.history}
        items={byPerson(shown)}
        keyOf={({ key }) => key}
        onEnd={onEnd}
      >
        {(person) => (
          <PersonRow person={person} onProblem={onProblem} onShow={() => onSearch(person.number || person.name)} />
        )}
      </VirtualList>
    );
  }
  return (
    <VirtualList<HistoryEntry>
      label={texts.pages.history}
      items={shown}
      total={total}
      keyOf={({ id }) => id}
      onEnd={onEnd}
    >
      {(entry) => <EntryRow entry={entry} onProblem={onProblem} onRemove={() => onRemove(entry.id)} />}
    </VirtualList>
  );
}

function Nothing({ view }: { view: View }) {
  const { history } = useRooms();
  const all = view.which === "all" && view.period === "any" && view.q === "";
  return (
    <Blank
      title={all ? history.none : history.noneFit}
      text={all ? history.noneText : history.noneFitText}
      icon={<HistoryRegular />}
    />
  );
}

function Tools({ view, onView }: { view: View; onView: (view: View) => void }) {
  const styles = useStyles();
  const rows = useRowStyles();
  const { history } = useRooms();
  return (
    <div className={rows.tools} role="search">
      <Filters
        label={history.filter}
        names={history.filters}
        chosen={view.which}
        onChoose={(which) => onView({ ...view, which })}
      />
      <Input
        className={styles.search}
        type="search"
        contentBefore={<SearchRegular />}
        aria-label={history.search}
        placeholder={history.search}
        maxLength={64}
        value={view.q}
        onChange={(_, { value }) => onView({ ...view, q: value })}
      />
      <Select
        aria-label={history.period}
        value={view.period}
        onChange={(_, { value }) => onView({ ...view, period: value as View["period"] })}
      >
        {Object.entries(history.periods).map(([key, name]) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </Select>
    </div>
  );
}

interface SaveButtonProps {
  readonly filter: HistoryFilter;
  readonly onProblem: (problem: Problem | null) => void;
}

function SaveButton({ filter, onProblem }: SaveButtonProps) {
  const { line } = useProduct();
  const { history } = useRooms();
  const [busy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    setBusy(true);
    onProblem(null);
    try {
      saved(await historyTable(line.api, filter), "starface.csv");
    } catch (thrown) {
      onProblem(line.noticed(asProblem(thrown)));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button icon={<ArrowDownloadRegular />} disabled={busy} onClick={() => void save()}>
      {history.export}
    </Button>
  );
}

export default withQueries(HistoryPage);
