import { Input, makeStyles, mergeClasses, tokens, type InputProps } from "@fluentui/react-components";
import { useId, useState, type ClipboardEvent, type KeyboardEvent, type ReactNode, type RefObject } from "react";
import { LONGEST_NUMBER } from "../host/places";
import { Initials } from "./Initials";
import { useHiddenStyles } from "./hidden";
import { pasted } from "./numbers";
import { usePeopleSearch, type Suggestion } from "./people-search";
import { useTexts } from "./product";

const useStyles = makeStyles({
  place: { position: "relative", minWidth: 0, flexGrow: 1 },
  input: { width: "100%", minWidth: 0 },
  list: {
    position: "absolute",
    zIndex: 3,
    insetInline: 0,
    top: "100%",
    marginBlock: tokens.spacingVerticalXS,
    padding: tokens.spacingHorizontalXS,
    maxHeight: "22rem",
    overflowY: "auto",
    listStyle: "none",
    borderRadius: tokens.borderRadiusLarge,
    border: `1px solid ${tokens.colorTransparentStroke}`,
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: tokens.shadow16,
  },
  option: {
    display: "grid",
    gridTemplateColumns: "auto minmax(0, 1fr) auto",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalM,
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalS}`,
    borderRadius: tokens.borderRadiusMedium,
    cursor: "pointer",
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
  },
  active: {
    backgroundColor: tokens.colorNeutralBackground1Selected,
    outline: `2px solid ${tokens.colorStrokeFocus2}`,
    outlineOffset: "-2px",
  },
  words: { minWidth: 0, display: "flex", flexDirection: "column" },
  line: { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
  name: { fontWeight: tokens.fontWeightSemibold, color: tokens.colorNeutralForeground1 },
  about: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  number: { color: tokens.colorNeutralForeground2, fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" },
});

interface PersonFieldProps {
  readonly field: RefObject<HTMLInputElement | null>;
  readonly label: string;
  readonly value: string;
  readonly onType: (typed: string) => void;
  /** Somebody was chosen from the list; `name` is empty for a number that nobody has named. */
  readonly onPick: (number: string, name: string) => void;
  /** Keys that the list does not need. */
  readonly onKey?: (event: KeyboardEvent) => void;
  readonly id?: string;
  readonly size?: InputProps["size"];
  readonly className?: string;
  readonly after?: ReactNode;
}

/** A field for a number or a person: while one types, it offers colleagues, the address book and recent calls. */
export function PersonField({
  field,
  label,
  value,
  onType,
  onPick,
  onKey,
  id,
  size,
  className,
  after,
}: PersonFieldProps) {
  const styles = useStyles();
  const texts = useTexts();
  const list = useId();
  const choice = useChoice(value, onPick);
  const { suggestions, active, open } = choice;
  return (
    <div className={styles.place} onBlur={choice.leave}>
      <Input
        ref={field}
        className={mergeClasses(styles.input, className)}
        {...(id !== undefined && { id })}
        {...(size !== undefined && { size })}
        type="text"
        role="combobox"
        aria-expanded={open}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={open && active >= 0 ? `${list}-${active}` : undefined}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={LONGEST_NUMBER}
        aria-label={label}
        placeholder={texts.phone.placeholder}
        value={value}
        onChange={(_, { value: typed }) => {
          choice.typed();
          onType(typed);
        }}
        onKeyDown={(event) => choice.key(event) || onKey?.(event)}
        onPaste={(event) => onType(withPasted(event))}
        contentAfter={<>{after}</>}
      />
      {open && <Offer id={list} label={label} choice={choice} />}
      <Count open={open} count={suggestions.length} />
    </div>
  );
}

/** The field's text with what is pasted in its place. */
function withPasted(event: ClipboardEvent<HTMLInputElement>): string {
  const { selectionStart, selectionEnd, value } = event.currentTarget;
  event.preventDefault();
  const [from, to] = [selectionStart ?? value.length, selectionEnd ?? value.length];
  return value.slice(0, from) + pasted(event.clipboardData.getData("text")) + value.slice(to);
}

function Offer({ id, label, choice }: { id: string; label: string; choice: ReturnType<typeof useChoice> }) {
  const styles = useStyles();
  return (
    <ul id={id} className={styles.list} role="listbox" aria-label={label}>
      {choice.suggestions.map((suggestion, index) => (
        <Option
          key={suggestion.key}
          id={`${id}-${index}`}
          suggestion={suggestion}
          active={index === choice.active}
          onPick={() => choice.pick(suggestion)}
        />
      ))}
    </ul>
  );
}

function Count({ open, count }: { open: boolean; count: number }) {
  const hidden = useHiddenStyles();
  const texts = useTexts();
  return (
    <span className={hidden.hidden} role="status">
      {open ? texts.phone.found(count) : ""}
    </span>
  );
}

interface OptionProps {
  readonly id: string;
  readonly suggestion: Suggestion;
  readonly active: boolean;
  readonly onPick: () => void;
}

function Option({ id, suggestion: { hit, number }, active, onPick }: OptionProps) {
  const styles = useStyles();
  const { phone, calls } = useTexts();
  const about = [hit.company, phone.sources[hit.source] ?? ""].filter((part) => part !== "").join(" · ");
  return (
    <li
      id={id}
      role="option"
      aria-selected={active}
      className={mergeClasses(styles.option, active && styles.active)}
      onMouseDown={(event) => event.preventDefault()} // Else the field loses the focus before the click arrives.
      onClick={onPick}
    >
      <Initials name={hit.name} />
      <span className={styles.words}>
        <span className={mergeClasses(styles.line, styles.name)} dir="auto">
          {hit.name || calls.unknown}
        </span>
        <span className={mergeClasses(styles.line, styles.about)}>{about}</span>
      </span>
      <span className={styles.number}>{number}</span>
    </li>
  );
}

/** What the list offers and which of it the keys point at. It closes when one chooses, leaves or presses Escape. */
function useChoice(value: string, onPick: PersonFieldProps["onPick"]) {
  const [searching, setSearching] = useState(false);
  const [active, setActive] = useState(-1);
  const suggestions = usePeopleSearch(value, searching) ?? [];
  const open = searching && suggestions.length > 0;
  const close = (): void => {
    setSearching(false);
    setActive(-1);
  };
  const pick = ({ hit, number }: Suggestion): void => {
    close();
    onPick(number, hit.name);
  };
  const typed = (): void => {
    setSearching(true);
    setActive(-1);
  };
  const step = (by: 1 | -1): void =>
    setActive((Math.max(active, by < 0 ? 0 : -1) + by + suggestions.length) % suggestions.length);
  /** Whether the key was for the list. */
  const key = (event: KeyboardEvent): boolean => {
    if (!open) return false;
    const chosen = suggestions[active] ?? (isName(value) ? suggestions[0] : undefined);
    if (event.key === "ArrowDown") step(1);
    else if (event.key === "ArrowUp") step(-1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && chosen !== undefined) pick(chosen);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  return { suggestions, active, open, pick, typed, key, leave: close };
}

/** Whether it is somebody's name rather than a number or a SIP address. */
export function isName(typed: string): boolean {
  return /\p{L}{2}/u.test(typed) && !typed.includes("@");
}
