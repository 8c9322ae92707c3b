import { mergeClasses } from "@fluentui/react-components";
import {
  CallForwardRegular,
  CallRegular,
  HistoryRegular,
  MoreHorizontalRegular,
  PeopleRegular,
  PeopleTeamRegular,
  PersonWrenchRegular,
  SettingsRegular,
  VoicemailRegular,
} from "@fluentui/react-icons";
import { useState, type ReactElement } from "react";
import { PAGES, type Page } from "../host/places";
import { turnTo } from "../surface/desk";
import { useDesk, useProduct, useTexts } from "../surface/product";
import { useAdministers } from "./administers";
import { useNavigationStyles } from "./navigation-look";

const ICONS: Readonly<Record<Page, ReactElement>> = {
  phone: <CallRegular />,
  colleagues: <PeopleRegular />,
  history: <HistoryRegular />,
  voicemail: <VoicemailRegular />,
  redirects: <CallForwardRegular />,
  groups: <PeopleTeamRegular />,
  settings: <SettingsRegular />,
  administration: <PersonWrenchRegular />,
};

/** Pages that have their own place in the bar of a small screen; the others are behind "more". */
const NEAR: ReadonlySet<Page> = new Set(["phone", "colleagues", "history", "voicemail"]);

/** All pages: a rail at the side, on small screens a bar at the lower edge. */
export function Navigation() {
  const styles = useNavigationStyles();
  const texts = useTexts();
  const page = useDesk((desk) => desk.page);
  const administers = useAdministers();
  const [more, setMore] = useState(false);
  const pages = PAGES.filter((known) => known !== "administration" || administers);
  const far = pages.filter((known) => !NEAR.has(known));
  const turned = () => setMore(false);
  return (
    <nav
      className={styles.rail}
      aria-label={texts.pages.title}
      onKeyDown={({ key }) => key === "Escape" && setMore(false)}
    >
      <ul className={styles.list}>
        {pages.map((known) => (
          <Entry key={known} page={known} near={NEAR.has(known)} current={page === known} onTurn={turned} />
        ))}
        <li className={styles.moreEntry}>
          <button
            type="button"
            className={mergeClasses(styles.entry, far.includes(page) && styles.current)}
            aria-expanded={more}
            onClick={() => setMore(!more)}
          >
            <span className={styles.icon} aria-hidden>
              <MoreHorizontalRegular />
            </span>
            <span className={styles.label}>{texts.pages.more}</span>
          </button>
        </li>
      </ul>
      {more && (
        <ul className={styles.sheet}>
          {far.map((known) => (
            <Entry key={known} page={known} near sheet current={page === known} onTurn={turned} />
          ))}
        </ul>
      )}
    </nav>
  );
}

interface EntryProps {
  readonly page: Page;
  readonly near: boolean;
  readonly current: boolean;
  readonly sheet?: boolean;
  readonly onTurn: () => void;
}

function Entry({ page, near, current, sheet = false, onTurn }: EntryProps) {
  const styles = useNavigationStyles();
  const { desk } = useProduct();
  const texts = useTexts();
  const turn = () => {
    turnTo(desk, page);
    onTurn();
  };
  return (
    <li className={mergeClasses(styles.item, !near && styles.far, page === "settings" && !sheet && styles.apart)}>
      <button
        type="button"
        className={mergeClasses(styles.entry, sheet && styles.inSheet, current && styles.current)}
        aria-current={current ? "page" : undefined}
        data-turn={page}
        onClick={turn}
      >
        <span className={styles.icon} aria-hidden>
          {ICONS[page]}
        </span>
        <span className={styles.label}>{texts.pages[page]}</span>
      </button>
    </li>
  );
}
