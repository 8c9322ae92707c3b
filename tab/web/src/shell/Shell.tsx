import { makeStyles, tokens } from "@fluentui/react-components";
import { Suspense, lazy, useEffect, useRef, type ComponentType } from "react";
import type { Page } from "../host/places";
import { CrashNet } from "../surface/CrashNet";
import { PAGE_TITLE, PageFrame } from "../surface/PageFrame";
import { Skeleton } from "../surface/Skeleton";
import { useDesk, useTexts } from "../surface/product";
import { Announcer } from "./Announcer";
import { Bars, Snacks } from "./Bars";
import { CallStrip } from "./CallStrip";
import { Navigation } from "./Navigation";
import { NARROW, RAIL, SLIM, SLIM_RAIL } from "./measures";
import { useShortcuts } from "./shortcuts";

const phone = () => import("../pages/phone/PhonePage");

/** Each page travels when it is turned to; the phone already while Teams and the service still answer. */
const PAGES: Readonly<Record<Page, ComponentType>> = {
  phone: lazy(phone),
  colleagues: lazy(() => import("../pages/colleagues/ColleaguesPage")),
  history: lazy(() => import("../pages/history/HistoryPage")),
  voicemail: lazy(() => import("../pages/voicemail/VoicemailPage")),
  redirects: lazy(() => import("../pages/redirects/RedirectsPage")),
  groups: lazy(() => import("../pages/groups/GroupsPage")),
  settings: lazy(() => import("../pages/settings/SettingsPage")),
  administration: lazy(() => import("../pages/administration/AdministrationPage")),
};
void phone();

const useStyles = makeStyles({
  shell: {
    minHeight: "100vh",
    boxSizing: "border-box",
    backgroundColor: tokens.colorNeutralBackground2,
    paddingInlineStart: RAIL,
    [SLIM]: { paddingInlineStart: SLIM_RAIL },
    [NARROW]: { paddingInlineStart: 0, paddingBottom: "64px" },
  },
  top: {
    boxSizing: "border-box",
    maxWidth: "60rem",
    marginInline: "auto",
    paddingInline: tokens.spacingHorizontalXL,
    display: "flex",
    flexDirection: "column",
    rowGap: tokens.spacingVerticalS,
    "& > :first-child": { marginTop: tokens.spacingVerticalL },
    [NARROW]: { paddingInline: tokens.spacingHorizontalM },
  },
});

/** What stays while pages change: the navigation, what wants an answer, and the calls that live. */
export function Shell() {
  const styles = useStyles();
  const texts = useTexts();
  const page = useDesk((desk) => desk.page);
  const Shown = PAGES[page];
  useShortcuts();
  useFocusOnTurn(page);
  return (
    <div className={styles.shell} data-page={page}>
      <Navigation />
      <div className={styles.top}>
        <Bars />
        {page !== "phone" && <CallStrip />}
      </div>
      <CrashNet key={page} texts={texts}>
        <Suspense fallback={<Expected page={page} />}>
          <Shown />
        </Suspense>
      </CrashNet>
      <Snacks />
      <Announcer />
    </div>
  );
}

function Expected({ page }: { page: Page }) {
  const texts = useTexts();
  if (page === "phone") return null;
  return (
    <PageFrame title={texts.pages[page]} wide expected>
      <Skeleton label={texts.loading} />
    </PageFrame>
  );
}

/** Who turns to a page is put at its heading, so that screen readers and the tab key begin there; not at the very start. */
function useFocusOnTurn(page: Page): void {
  const before = useRef(page);
  useEffect(() => {
    if (before.current === page) return;
    before.current = page;
    if (document.activeElement?.closest("nav") == null) return;
    document.getElementById(PAGE_TITLE)?.focus({ preventScroll: true });
  }, [page]);
}
