import { Button } from "@fluentui/react-components";
import { CallRegular, ChevronRightRegular } from "@fluentui/react-icons";
import type { Problem } from "../../api/problem";
import { useRowStyles } from "../../lists/row-look";
import { Initials } from "../../surface/Initials";
import { useDesk, useProduct, useRooms } from "../../surface/product";
import type { Acquaintance } from "./by-person";
import { When } from "./EntryRow";

interface PersonRowProps {
  readonly person: Acquaintance;
  readonly onShow: () => void;
  readonly onProblem: (problem: Problem | null) => void;
}

/** Somebody one had calls with, and how many. */
export function PersonRow({ person, onShow, onProblem }: PersonRowProps) {
  const styles = useRowStyles();
  const { line } = useProduct();
  const rooms = useRooms();
  const phoneId = useDesk((desk) => desk.phoneId);
  const { name, number, calls, missed } = person;
  const who = name || number || rooms.unknown;
  const counts = [rooms.history.times(calls), missed > 0 ? rooms.history.missedTimes(missed) : ""];
  return (
    <div className={styles.row}>
      <Initials name={name} />
      <span className={styles.words}>
        <span className={styles.first} dir="auto" title={who}>
          {who}
        </span>
        <span className={styles.second}>
          {[...counts, name === "" ? "" : number].filter((part) => part !== "").join(" · ")}
        </span>
      </span>
      <span className={styles.ends}>
        <When at={person.last.startedAt} />
        {number !== "" && (
          <Button
            appearance="subtle"
            icon={<CallRegular />}
            aria-label={rooms.call(who)}
            title={rooms.call(who)}
            onClick={() => void line.call(number, phoneId).then(onProblem)}
          />
        )}
        <Button
          appearance="subtle"
          icon={<ChevronRightRegular />}
          aria-label={rooms.history.show(who)}
          title={rooms.history.show(who)}
          onClick={onShow}
        />
      </span>
    </div>
  );
}
