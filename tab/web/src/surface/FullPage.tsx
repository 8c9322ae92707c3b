import { makeStyles, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";

const useStyles = makeStyles({
  page: {
    minHeight: "100vh",
    boxSizing: "border-box",
    display: "grid",
    placeItems: "center",
    padding: `${tokens.spacingVerticalXXL} ${tokens.spacingHorizontalL}`,
    backgroundColor: tokens.colorNeutralBackground2,
  },
  content: {
    width: "100%",
    maxWidth: "27rem",
    display: "flex",
    flexDirection: "column",
    rowGap: tokens.spacingVerticalL,
  },
  wide: { maxWidth: "36rem" },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeHero700,
    lineHeight: tokens.lineHeightHero700,
    fontWeight: tokens.fontWeightSemibold,
    textWrap: "balance",
  },
  text: { margin: 0, color: tokens.colorNeutralForeground2, lineHeight: tokens.lineHeightBase400 },
  icon: { fontSize: "2.5rem", color: tokens.colorBrandForeground1, height: "2.5rem" },
});

interface FullPageProps {
  readonly title: string;
  readonly text?: string;
  readonly icon?: ReactNode;
  readonly wide?: boolean;
  readonly children?: ReactNode;
}

/** A page with one matter in its middle: signing in, being outside Teams, having no phone system yet. */
export function FullPage({ title, text, icon, wide = false, children }: FullPageProps) {
  const styles = useStyles();
  return (
    <main className={styles.page}>
      <div className={wide ? `${styles.content} ${styles.wide}` : styles.content}>
        {icon !== undefined && (
          <div className={styles.icon} aria-hidden>
            {icon}
          </div>
        )}
        <h1 className={styles.title}>{title}</h1>
        {text !== undefined && <p className={styles.text}>{text}</p>}
        {children}
      </div>
    </main>
  );
}
