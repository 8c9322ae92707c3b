import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { Component, type ErrorInfo, type ReactNode } from "react";
import type { Texts } from "../texts/en";
import { FullPage } from "./FullPage";
import { arrived } from "./arrival";

const useStyles = makeStyles({
  report: {
    margin: 0,
    padding: tokens.spacingHorizontalM,
    overflowX: "auto",
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    backgroundColor: tokens.colorNeutralBackground4,
    borderRadius: tokens.borderRadiusMedium,
  },
});

interface CrashNetProps {
  readonly texts: Texts;
  readonly children: ReactNode;
}

interface CrashNetState {
  readonly report: string | null;
}

/** Catches what a component throws, so that nobody ever sees a white page. The report names code places only, no data. */
export class CrashNet extends Component<CrashNetProps, CrashNetState> {
  override state: CrashNetState = { report: null };

  static getDerivedStateFromError(thrown: unknown): CrashNetState {
    return { report: nameOf(thrown) };
  }

  override componentDidCatch(thrown: unknown, { componentStack }: ErrorInfo): void {
    arrived();
    const places = (componentStack ?? "").trim().split("\n").slice(0, 6);
    this.setState({ report: [nameOf(thrown), ...places.map((place) => place.trim())].join("\n") });
  }

  override render(): ReactNode {
    if (this.state.report === null) return this.props.children;
    return <Crash texts={this.props.texts} report={this.state.report} />;
  }
}

function Crash({ texts: { crash }, report }: { texts: Texts; report: string }) {
  const styles = useStyles();
  return (
    <FullPage title={crash.title} text={crash.text}>
      <div>
        <Button appearance="primary" onClick={() => location.reload()}>
          {crash.reload}
        </Button>
      </div>
      <pre className={styles.report} aria-label={crash.report}>
        {report}
      </pre>
    </FullPage>
  );
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : typeof thrown;
}
