import { Avatar, mergeClasses } from "@fluentui/react-components";
import { CallOutboundRegular } from "@fluentui/react-icons";
import type { Wish } from "../../live/state";
import { useTexts } from "../../surface/product";
import { useTileStyles } from "./tile-look";

/** A call just asked for, shown before the phone system says anything about it. */
export function PlacedTile({ wish }: { wish: Wish }) {
  const styles = useTileStyles();
  const { calls } = useTexts();
  return (
    <li className={mergeClasses(styles.tile, styles.ringing)} data-state="asked" aria-label={wish.number}>
      <Avatar color="neutral" size={40} aria-hidden />
      <span className={styles.who}>
        <span className={styles.name}>{wish.number}</span>
      </span>
      <span className={styles.state}>
        <span className={styles.word}>
          <CallOutboundRegular aria-hidden />
          {calls.wishes.call}
        </span>
      </span>
    </li>
  );
}
