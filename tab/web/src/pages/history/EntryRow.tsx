import { Button, mergeClasses } from "@fluentui/react-components";
import { ArrowDownLeftRegular, ArrowUpRightRegular, CallRegular, DeleteRegular } from "@fluentui/react-icons";
import { callBack, type HistoryEntry } from "../../api/history";
import type { Problem } from "../../api/problem";
import { useRowStyles } from "../../lists/row-look";
import { useProduct, useRooms } from "../../surface/product";
import { useNow } from "../../surface/time";
import { isMissedEntry } from "./by-person";

interface EntryRowProps {
  readonly entry: HistoryEntry;
  readonly onProblem: (problem: Problem | null) => void;
  readonly onRemove: () => void;
}

/** One call of the past. */
export function EntryRow({ entry, onProblem, onRemove }: EntryRowProps) {
  const styles = useRowStyles();
  const { line, language } = useProduct();
  const rooms = useRooms();
  const { history } = rooms;
  const { name, number } = entry.remote;
  const who = name || number || rooms.unknown;
  const missed = isMissedEntry(entry);
  const back = () =>
    void line.callBack(number, () => callBack(line.api, entry.id)).then((problem) => onProblem(problem));
  return (
    <div className={styles.row} data-entry={entry.id} data-result={entry.result}>
      <DirectionIcon entry={entry} />
      <span className={styles.words}>
        <span className={mergeClasses(styles.first, missed && styles.alarm)} dir="auto" title={who}>
          {who}
        </span>
        <span className={styles.second}>
          {[outcome(entry, history), name === "" ? "" : number, spoken(entry, (seconds) => language.span(seconds))]
            .filter((part) => part !== "")
            .join(" · ")}
        </span>
      </span>
      <span className={styles.ends}>
        <When at={entry.startedAt} />
        {number !== "" && (
          <Button
            appearance="subtle"
            icon={<CallRegular />}
            aria-label={history.callBack(who)}
            title={history.callBack(who)}
            onClick={back}
          />
        )}
        <Button
          appearance="subtle"
          icon={<DeleteRegular />}
          aria-label={rooms.delete(who)}
          title={rooms.delete(who)}
          onClick={onRemove}
        />
      </span>
    </div>
  );
}

export function When({ at }: { at: string | null | undefined }) {
  const styles = useRowStyles();
  const { language } = useProduct();
  const now = useNow(60_000);
  if (at == null) return null;
  return (
    <time className={styles.when} dateTime={at}>
      {language.moment(Date.parse(at), now)}
    </time>
  );
}

export function DirectionIcon({ entry }: { entry: HistoryEntry }) {
  const styles = useRowStyles();
  const missed = isMissedEntry(entry);
  const icon = entry.direction === "inbound" ? <ArrowDownLeftRegular /> : <ArrowUpRightRegular />;
  return (
    <span className={mergeClasses(missed && styles.alarm)} style={{ fontSize: 20, display: "inline-flex" }} aria-hidden>
      {icon}
    </span>
  );
}

interface Words {
  readonly missed: string;
  readonly unanswered: string;
  readonly directions: Readonly<Record<"inbound" | "outbound", string>>;
}

function outcome(entry: HistoryEntry, words: Words): string {
  if (isMissedEntry(entry)) return words.missed;
  return entry.result === "missed" ? words.unanswered : words.directions[entry.direction];
}

function spoken({ result, duration }: HistoryEntry, span: (seconds: number) => string): string {
  return result === "answered" ? span(duration) : "";
}
