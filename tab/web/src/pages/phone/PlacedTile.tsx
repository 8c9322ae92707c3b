import { mergeClasses } from "@fluentui/react-components";
import { CallOutboundRegular } from "@fluentui/react-icons";
import type { Wish } from "../../live/state";
import { useTexts } from "../../surface/product";
import { Initials } from "../../surface/Initials";
import { useEdgeStyles, useTileStyles } from "./tile-look";

/** A call just asked for, shown before the phone system says anything about it. */
export function PlacedTile({ wish }: { wish: Wish }) {
  const styles = useTileStyles();
  const edges = useEdgeStyles();
  const { calls } = useTexts();
  return (
    <li className={mergeClasses(styles.tile, edges.ringing)} data-state="asked" aria-label={wish.number}>
      <Initials name="" />
      <span className={styles.who}>
        <span className={styles.name}>{wish.number}</span>
      </span>
      <span className={styles.state}>
        <span className={mergeClasses(styles.word, styles.ringing)}>
          <CallOutboundRegular aria-hidden />
          {calls.wishes.call}
        </span>
      </span>
    </li>
  );
}
