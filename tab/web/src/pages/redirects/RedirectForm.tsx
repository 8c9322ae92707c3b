import { Button, Field, Input, Select, makeStyles, tokens } from "@fluentui/react-components";
import { useRef, useState, type SyntheticEvent } from "react";
import type { Redirect, RedirectChange } from "../../api/settings";
import { PersonField, isName } from "../../surface/PersonField";
import { dialable } from "../../surface/numbers";
import { useRooms, useTexts } from "../../surface/product";
import { SPANS, endOf, type Span } from "./until";

const useStyles = makeStyles({
  form: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(12rem, 1fr))",
    alignItems: "start",
    gap: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalM}`,
    padding: tokens.spacingHorizontalL,
    borderRadius: tokens.borderRadiusLarge,
    backgroundColor: tokens.colorNeutralBackground2,
  },
  input: { minWidth: 0 },
  actions: { gridColumn: "1 / -1", display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
});

interface RedirectFormProps {
  readonly rule: Redirect;
  readonly busy: boolean;
  readonly onSave: (change: RedirectChange) => void;
  readonly onClose: () => void;
}

/** Where a rule leads, after how long, and until when. */
export function RedirectForm({ rule, busy, onSave, onClose }: RedirectFormProps) {
  const styles = useStyles();
  const texts = useTexts();
  const { redirects: words } = useRooms();
  const form = useDraft(rule, onSave);
  const { draft, change } = form;
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={form.submit}
      onKeyDown={({ key }) => key === "Escape" && onClose()}
    >
      {rule.mailboxes.length > 0 && (
        <Field label={words.leadsTo}>
          <Select value={draft.box} onChange={(_, { value }) => change({ box: value })}>
            <option value="">{words.aNumber}</option>
            {rule.mailboxes.map(({ id, name }) => (
              <option key={id} value={id}>
                {words.box(name)}
              </option>
            ))}
          </Select>
        </Field>
      )}
      {draft.box === "" && <TargetField target={draft.target} faulty={form.faulty} change={change} />}
      {rule.trigger === "timeout" && (
        <Field label={words.seconds}>
          <Input
            className={styles.input}
            type="number"
            min={1}
            max={600}
            value={draft.seconds}
            onChange={(_, { value }) => change({ seconds: value })}
          />
        </Field>
      )}
      <UntilFields draft={draft} change={change} />
      <div className={styles.actions}>
        <Button type="submit" appearance="primary" disabled={busy}>
          {words.save}
        </Button>
        <Button onClick={onClose}>{texts.cancel}</Button>
      </div>
    </form>
  );
}

interface TargetFieldProps {
  readonly target: string;
  readonly faulty: boolean;
  readonly change: (typed: Partial<Draft>) => void;
}

function TargetField({ target, faulty, change }: TargetFieldProps) {
  const { phone } = useTexts();
  const { redirects: words } = useRooms();
  const field = useRef<HTMLInputElement>(null);
  return (
    <Field label={words.target} {...(faulty && { validationState: "error", validationMessage: phone.enterNumber })}>
      <PersonField
        field={field}
        label={words.target}
        value={target}
        onType={(typed) => change({ target: typed })}
        onPick={(picked) => change({ target: picked })}
      />
    </Field>
  );
}

function UntilFields({ draft, change }: { draft: Draft; change: (typed: Partial<Draft>) => void }) {
  const styles = useStyles();
  const { redirects: words } = useRooms();
  return (
    <>
      <Field label={words.howLong}>
        <Select value={draft.span} onChange={(_, { value }) => change({ span: value as Span })}>
          {SPANS.map((span) => (
            <option key={span} value={span}>
              {words.spans[span]}
            </option>
          ))}
        </Select>
      </Field>
      {draft.span === "clock" && (
        <Field label={words.clock}>
          <Input
            className={styles.input}
            type="time"
            value={draft.clock}
            onChange={(_, { value }) => change({ clock: value })}
          />
        </Field>
      )}
    </>
  );
}

interface Draft {
  /** A mailbox's id, or empty for a number. */
  readonly box: string;
  readonly target: string;
  readonly seconds: string;
  readonly span: Span;
  readonly clock: string;
}

function useDraft(rule: Redirect, onSave: (change: RedirectChange) => void) {
  const [draft, setDraft] = useState<Draft>({
    box: rule.to === "voicemail" ? rule.target : "",
    target: rule.to === "number" ? rule.target : "",
    seconds: String(rule.timeout),
    span: "always",
    clock: "17:00",
  });
  const [faulty, setFaulty] = useState(false);
  const change = (typed: Partial<Draft>): void => {
    setFaulty(false);
    setDraft((known) => ({ ...known, ...typed }));
  };
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const toBox = draft.box !== "";
    const target = toBox ? draft.box : draft.target.trim();
    if (!toBox && (!dialable(target) || isName(target))) {
      setFaulty(true);
      return;
    }
    const end = endOf(draft.span, draft.clock, new Date());
    const seconds = Math.min(600, Math.max(1, Math.round(Number(draft.seconds)) || rule.timeout));
    onSave({
      enabled: true,
      to: toBox ? "voicemail" : "number",
      target,
      ...(rule.trigger === "timeout" && { timeout: seconds }),
      ...(end !== null && { until: end.toISOString() }),
    });
  };
  return { draft, change, submit, faulty };
}
