import { Button, Checkbox, Field, Input, Select, makeStyles, tokens } from "@fluentui/react-components";
import { useRef, useState, type ReactElement, type RefObject, type SyntheticEvent } from "react";
import { asProblem, type Problem } from "../../api/problem";
import type { Pbx } from "../../api/model";
import { ProblemBar } from "../../surface/ProblemBar";
import { useProduct, useTexts } from "../../surface/product";
import {
  draftOf,
  faultsOf,
  freshDraft,
  mappingOf,
  refusedFields,
  withHost,
  type Callbacks,
  type DraftField,
  type Faults,
  type PbxDraft,
  type Tls,
} from "./pbx-draft";

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", rowGap: tokens.spacingVerticalL },
  pair: {
    display: "grid",
    alignItems: "start",
    gridTemplateColumns: "minmax(0, 1fr) 7rem",
    columnGap: tokens.spacingHorizontalM,
    "@media (max-width: 480px)": { gridTemplateColumns: "minmax(0, 1fr)", rowGap: tokens.spacingVerticalL },
  },
  even: { gridTemplateColumns: "minmax(0, 1fr) minmax(0, 1fr)" },
  actions: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  narrow: { minWidth: 0 },
});

/** Countries whose numbers the phone systems of this product dial; the names come from the browser, in the person's language. */
const COUNTRIES = [
  "DE",
  "AT",
  "CH",
  "LI",
  "LU",
  "NL",
  "BE",
  "FR",
  "IT",
  "ES",
  "PT",
  "GB",
  "IE",
  "DK",
  "SE",
  "NO",
  "FI",
  "PL",
  "CZ",
  "US",
];

interface PbxFormProps {
  /** The phone system to change; without it a new one is set up. */
  readonly known?: Pbx;
  /** Whether it is the organisation's first, which is then the main one. */
  readonly first?: boolean;
  readonly onSaved: (pbx: Pbx) => void;
  readonly onCancel?: () => void;
}

/** A phone system, new or known: each fault stands at its field, and nothing typed is lost by one. */
export function PbxForm({ known, first = false, onSaved, onCancel }: PbxFormProps) {
  const styles = useStyles();
  const { administration: texts } = useTexts();
  const element = useRef<HTMLFormElement>(null);
  const form = usePbxForm(known, first, element, onSaved);
  const { draft, change, fault } = form;
  return (
    <form ref={element} className={styles.form} onSubmit={form.submit} noValidate>
      <Field label={texts.name} hint={texts.nameHint} required {...fault("name")}>
        <Input name="name" maxLength={80} value={draft.name} onChange={(_, { value }) => change({ name: value })} />
      </Field>
      <div className={styles.pair}>
        <Field label={texts.host} hint={texts.hostHint} required {...fault("host")}>
          <Input
            name="host"
            inputMode="url"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={253}
            value={draft.host}
            onChange={(_, { value }) => change(withHost(draft, value))}
          />
        </Field>
        <Field label={texts.port} required {...fault("port")}>
          <Input
            name="port"
            className={styles.narrow}
            inputMode="numeric"
            maxLength={5}
            value={draft.port}
            onChange={(_, { value }) => change({ port: value })}
          />
        </Field>
      </div>
      <TlsFields form={form} />
      <div className={`${styles.pair} ${styles.even}`}>
        <Field label={texts.callbacks} {...fault("callbacks")}>
          <Select value={draft.callbacks} onChange={(_, { value }) => change({ callbacks: value as Callbacks })}>
            {options(texts.callbackModes)}
          </Select>
        </Field>
        <CountryField form={form} />
      </div>
      <Checkbox
        label={`${texts.primary} – ${texts.primaryHint}`}
        checked={draft.primary}
        onChange={(_, { checked }) => change({ primary: checked === true })}
      />
      {form.problem !== null && <ProblemBar problem={form.problem} />}
      <FormActions busy={form.busy} {...(onCancel !== undefined && { onCancel })} />
    </form>
  );
}

function FormActions({ busy, onCancel }: { busy: boolean; onCancel?: () => void }) {
  const styles = useStyles();
  const { administration: texts, cancel } = useTexts();
  return (
    <div className={styles.actions}>
      <Button type="submit" appearance="primary" size="large" disabled={busy}>
        {busy ? texts.saving : texts.save}
      </Button>
      {onCancel !== undefined && (
        <Button size="large" onClick={onCancel}>
          {cancel}
        </Button>
      )}
    </div>
  );
}

function TlsFields({ form: { draft, change, fault } }: { form: PbxFormState }) {
  const { administration: texts } = useTexts();
  return (
    <>
      <Field
        label={texts.tls}
        {...(draft.tls === "off" && { validationState: "warning", validationMessage: texts.tlsOffWarning })}
      >
        <Select value={draft.tls} onChange={(_, { value }) => change({ tls: value as Tls })}>
          {options(texts.tlsModes)}
        </Select>
      </Field>
      {draft.tls === "pinned" && (
        <Field label={texts.fingerprint} hint={texts.fingerprintHint} required {...fault("certificateSha256")}>
          <Input
            name="certificateSha256"
            spellCheck={false}
            autoCapitalize="none"
            value={draft.certificateSha256}
            onChange={(_, { value }) => change({ certificateSha256: value })}
          />
        </Field>
      )}
    </>
  );
}

function CountryField({ form: { draft, change, fault } }: { form: PbxFormState }) {
  const { language } = useProduct();
  const { administration: texts } = language.texts;
  const names = new Intl.DisplayNames(language.tag, { type: "region" });
  const countries = COUNTRIES.includes(draft.country) ? COUNTRIES : [draft.country, ...COUNTRIES];
  return (
    <Field label={texts.country} hint={texts.countryHint} {...fault("country")}>
      <Select value={draft.country} onChange={(_, { value }) => change({ country: value })}>
        {options(Object.fromEntries(countries.map((code) => [code, names.of(code) ?? code])))}
      </Select>
    </Field>
  );
}

function options(names: Readonly<Record<string, string>>): ReactElement[] {
  return Object.entries(names).map(([value, name]) => (
    <option key={value} value={value}>
      {name}
    </option>
  ));
}

type PbxFormState = ReturnType<typeof usePbxForm>;

function usePbxForm(
  known: Pbx | undefined,
  first: boolean,
  element: RefObject<HTMLFormElement | null>,
  onSaved: (pbx: Pbx) => void,
) {
  const { line, language } = useProduct();
  const { administration: texts } = language.texts;
  const [draft, setDraft] = useState<PbxDraft>(() =>
    known === undefined ? freshDraft(new Intl.Locale(language.tag).region ?? "DE", first) : draftOf(known),
  );
  const [faults, setFaults] = useState<Faults>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  const change = (typed: Partial<PbxDraft>): void => {
    setDraft((before) => ({ ...before, ...typed }));
    setFaults((before) => Object.fromEntries(Object.entries(before).filter(([name]) => !(name in typed))));
  };
  const complain = (found: Faults): void => {
    setFaults(found);
    const field = element.current?.elements.namedItem(Object.keys(found)[0] ?? "");
    if (field instanceof HTMLElement) field.focus();
  };
  const refused = (refusal: Problem): void => {
    setProblem(refusal);
    complain(
      refusal.code === "pbx_address_forbidden" ? { host: "refusedField" } : refusedFields(refusal.fields, draft),
    );
  };
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const found = faultsOf(draft);
    setProblem(null);
    if (Object.keys(found).length > 0) {
      complain(found);
      return;
    }
    setBusy(true);
    const mapping = mappingOf(draft);
    const sent = known === undefined ? line.api.addPbx(mapping) : line.api.changePbx(known.id, mapping);
    sent.then(onSaved, (thrown: unknown) => refused(asProblem(thrown))).finally(() => setBusy(false));
  };
  const fault = (field: DraftField) => {
    const found = faults[field];
    return found === undefined ? {} : ({ validationState: "error", validationMessage: texts[found] } as const);
  };
  return { draft, change, fault, problem, busy, submit };
}
