import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";

/** Element id of the heading of the page that is shown: the focus goes there when one turns to a page. */
export const PAGE_TITLE = "page-title";

const useStyles = makeStyles({
  column: {
    boxSizing: "border-box",
    maxWidth: "46rem",
    marginInline: "auto",
    padding: `${tokens.spacingVerticalL} ${tokens.spacingHorizontalXL} 6rem`,
    display: "flex",
    flexDirection: "column",
    rowGap: tokens.spacingVerticalL,
    "@media (max-width: 600px)": { paddingInline: tokens.spacingHorizontalM, rowGap: tokens.spacingVerticalM },
  },
  wide: { maxWidth: "60rem" },
  head: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
  },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeBase600,
    lineHeight: tokens.lineHeightBase600,
    fontWeight: tokens.fontWeightSemibold,
    outlineStyle: "none",
    flexGrow: 1,
  },
  quiet: { fontSize: "1px", lineHeight: 0, position: "absolute" },
});

interface PageFrameProps {
  readonly title: ReactNode;
  /** What one does to the page as a whole, beside its title. */
  readonly actions?: ReactNode;
  readonly wide?: boolean;
  /** Whether this only keeps the place of a page that is on its way. */
  readonly expected?: boolean;
  readonly children: ReactNode;
}

/** The column of a page, with its heading. */
export function PageFrame({ title, actions, wide = false, expected = false, children }: PageFrameProps) {
  const styles = useStyles();
  const heard = typeof title !== "string";
  return (
    <main className={mergeClasses(styles.column, wide && styles.wide)}>
      <div className={heard ? styles.quiet : styles.head}>
        {expected ? (
          <div className={styles.title}>{title}</div>
        ) : (
          <h1 id={PAGE_TITLE} tabIndex={-1} className={styles.title}>
            {title}
          </h1>
        )}
        {actions}
      </div>
      {children}
    </main>
  );
}
