import { makeStyles, tokens } from "@fluentui/react-components";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from "react";

const useStyles = makeStyles({
  list: {
    listStyle: "none",
    margin: 0,
    padding: 0,
    position: "relative",
    borderRadius: tokens.borderRadiusXLarge,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorTransparentStroke}`,
    boxShadow: tokens.shadow2,
  },
  item: {
    position: "absolute",
    boxSizing: "border-box",
    insetInline: 0,
    top: 0,
    ":not(:last-child)": { borderBottom: `1px solid ${tokens.colorNeutralStroke3}` },
  },
});

interface VirtualListProps<T> {
  readonly label: string;
  readonly items: readonly T[];
  /** How many there are in all, where not all are here yet. */
  readonly total?: number;
  readonly keyOf: (item: T) => string;
  readonly children: (item: T) => ReactNode;
  /** Called when the end of what is here comes into sight. */
  readonly onEnd?: () => void;
  /** Expected height of a row in pixels; the true one is measured. */
  readonly height?: number;
}

/** A list of any length of which only what is in sight is drawn; it scrolls with the page. */
export function VirtualList<T>({ label, items, total, keyOf, children, onEnd, height = 64 }: VirtualListProps<T>) {
  const styles = useStyles();
  const element = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    setTop(element.current === null ? 0 : element.current.getBoundingClientRect().top + window.scrollY);
  }, [items.length]);
  const virtual = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => height,
    overscan: 8,
    scrollMargin: top,
    getItemKey: (index) => keyOf(items[index] as T),
    initialRect: { width: 800, height: 800 },
  });
  const rows = virtual.getVirtualItems();
  const last = rows.at(-1)?.index ?? -1;
  useEffect(() => {
    if (items.length > 0 && last >= items.length - 10) onEnd?.();
  }, [last, items.length, onEnd]);
  return (
    <ul ref={element} className={styles.list} aria-label={label} style={{ height: virtual.getTotalSize() }}>
      {rows.map(({ key, index, start }) => (
        <li
          key={String(key)}
          ref={virtual.measureElement}
          data-index={index}
          className={styles.item}
          style={{ transform: `translateY(${start - top}px)` }}
          aria-setsize={total ?? items.length}
          aria-posinset={index + 1}
        >
          {children(items[index] as T)}
        </li>
      ))}
    </ul>
  );
}
