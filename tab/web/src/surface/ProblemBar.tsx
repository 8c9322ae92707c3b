import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { CopyRegular } from "@fluentui/react-icons";
import { useState, type ReactNode } from "react";
import type { Problem } from "../api/problem";
import { useProduct } from "./product";

const useStyles = makeStyles({
  body: { whiteSpace: "normal", paddingBlock: tokens.spacingVerticalXS },
  trace: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalM,
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
  },
});

interface ProblemBarProps {
  readonly problem: Problem;
  /** What did not happen, in a few words. */
  readonly title?: string;
  readonly intent?: "error" | "warning";
  readonly children?: ReactNode;
}

/** Says what happened and what to do, with the code and an id that can be copied for the administrator. */
export function ProblemBar({ problem, title, intent = "error", children }: ProblemBarProps) {
  const styles = useStyles();
  const { language } = useProduct();
  return (
    <MessageBar intent={intent} layout="multiline" role="alert" data-code={problem.code}>
      <MessageBarBody className={styles.body}>
        {title !== undefined && <MessageBarTitle>{title}</MessageBarTitle>}
        {language.problem(problem)}
        <ProblemTrace problem={problem} />
      </MessageBarBody>
      {children !== undefined && <MessageBarActions>{children}</MessageBarActions>}
    </MessageBar>
  );
}

/** Code and id of a problem, small, with a button that copies both. */
export function ProblemTrace({ problem }: { problem: Problem }) {
  const styles = useStyles();
  const { texts } = useProduct().language;
  const line = [texts.code(problem.code), problem.requestId && texts.requestId(problem.requestId)].filter(Boolean);
  return (
    <span className={styles.trace}>
      {line.map((part) => (
        <span key={part}>{part}</span>
      ))}
      <CopyButton text={line.join(" · ")} />
    </span>
  );
}

/** Copies a text and says so. */
export function CopyButton({ text, label }: { text: string; label?: string }) {
  const { texts } = useProduct().language;
  const [copied, setCopied] = useState(false);
  const copy = () => {
    void navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false), // Some clients forbid the clipboard to frames: the text is on the screen and can be selected.
    );
  };
  return (
    <Button
      size={label === undefined ? "small" : "medium"}
      appearance={label === undefined ? "transparent" : "secondary"}
      icon={<CopyRegular />}
      onClick={copy}
    >
      {copied ? texts.copied : (label ?? texts.copy)}
    </Button>
  );
}
