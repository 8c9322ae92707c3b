import { Button, Field, Link, makeStyles, tokens } from "@fluentui/react-components";
import { CallRegular, DialpadRegular, DismissRegular } from "@fluentui/react-icons";
import { useRef, useState, type KeyboardEvent, type RefObject, type SyntheticEvent } from "react";
import { LONGEST_NUMBER } from "../../host/places";
import { asProblem, type Problem } from "../../api/problem";
import { isLive } from "../../live/state";
import { ProblemBar } from "../../surface/ProblemBar";
import { useDesk, useLive, useProduct, useTexts } from "../../surface/product";
import { Keypad } from "./Keypad";
import { useCountry } from "../../surface/country";
import { dialable, international } from "../../surface/numbers";
import { PersonField, isName } from "../../surface/PersonField";
import { PhoneChoice } from "./PhoneChoice";
import { NUMBER_FIELD } from "../../shell/shortcuts";

const useStyles = makeStyles({
  card: {
    display: "flex",
    flexDirection: "column",
    rowGap: tokens.spacingVerticalM,
    padding: tokens.spacingHorizontalXL,
    borderRadius: tokens.borderRadiusXLarge,
    border: `1px solid ${tokens.colorTransparentStroke}`,
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: tokens.shadow4,
    "@media (max-width: 480px)": { padding: tokens.spacingHorizontalL },
  },
  row: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr) auto",
    gap: tokens.spacingHorizontalM,
    "@media (max-width: 480px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  number: { minWidth: 0, fontSize: tokens.fontSizeBase500, minHeight: "48px", fontVariantNumeric: "tabular-nums" },
  call: { minHeight: "48px", whiteSpace: "nowrap", paddingInline: tokens.spacingHorizontalXL },
  about: {
    maxWidth: "14rem",
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
    "@media (max-width: 600px)": { maxWidth: "7rem" },
  },
  foot: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalL}`,
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
  },
  grow: { flexGrow: 1 },
});

/** The number to call and the phone that rings for it. */
export function DialCard() {
  const styles = useStyles();
  const texts = useTexts();
  const field = useRef<HTMLInputElement>(null);
  const dial = useDial(field);
  const [keypad, setKeypad] = useState(false);
  return (
    <form className={styles.card} onSubmit={dial.submit} noValidate>
      <Field
        label={texts.phone.number}
        {...(dial.empty && {
          validationState: "warning",
          validationMessage: isName(dial.number) ? texts.phone.nobody : texts.phone.enterNumber,
        })}
      >
        <div className={styles.row}>
          <NumberField dial={dial} field={field} keypad={keypad} onKeypad={() => setKeypad(!keypad)} />
          <Button className={styles.call} type="submit" size="large" appearance="primary" icon={<CallRegular />}>
            {texts.phone.call}
          </Button>
        </div>
      </Field>
      {keypad && (
        <Keypad onKey={(key) => dial.type(dial.number + key)} onBack={() => dial.type(dial.number.slice(0, -1))} />
      )}
      {dial.problem !== null && <ProblemBar problem={dial.problem} title={texts.calls.failed.call} />}
      <div className={styles.foot}>
        <PhoneChoice />
        <span className={styles.grow}>{texts.phone.how}</span>
        <TeamsLink number={dial.number} />
      </div>
    </form>
  );
}

interface NumberFieldProps {
  readonly dial: Dial;
  readonly field: RefObject<HTMLInputElement | null>;
  readonly keypad: boolean;
  readonly onKeypad: () => void;
}

function NumberField({ dial, field, keypad, onKeypad }: NumberFieldProps) {
  const styles = useStyles();
  const texts = useTexts();
  const country = useCountry(dial.number);
  const about = [dial.picked, country].filter((part) => part !== "").join(" · ");
  return (
    <PersonField
      id={NUMBER_FIELD}
      field={field}
      className={styles.number}
      size="large"
      label={texts.phone.number}
      value={dial.number}
      onType={dial.type}
      onPick={dial.pick}
      onKey={dial.key}
      after={
        <>
          {about !== "" && (
            <span className={styles.about} role="status">
              {about}
            </span>
          )}
          {dial.number !== "" && (
            <Button
              appearance="transparent"
              icon={<DismissRegular />}
              aria-label={texts.phone.clear}
              onClick={dial.clear}
            />
          )}
          <Button
            appearance="transparent"
            icon={<DialpadRegular />}
            aria-label={texts.phone.keypad}
            aria-expanded={keypad}
            onClick={onKeypad}
          />
        </>
      }
    />
  );
}

/** A Teams call to the same number, where this client can and the number names its country. */
function TeamsLink({ number }: { number: string }) {
  const { host, surroundings } = useProduct();
  const texts = useTexts();
  const target = international(number);
  if (!surroundings.callsWithTeams || target === null) return null;
  const call = () => void host.callWithTeams(target).catch(() => undefined); // Teams itself says why it does not call.
  return (
    <Link as="button" type="button" onClick={call}>
      {texts.phone.withTeams}
    </Link>
  );
}

type Dial = ReturnType<typeof useDial>;

function useDial(field: RefObject<HTMLInputElement | null>) {
  const { line, desk } = useProduct();
  const number = useDesk((state) => state.number);
  const calling = useLive((state) => state.calls.some(isLive));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [empty, setEmpty] = useState(false);
  const [chosen, choose] = useState({ number: "", name: "" });

  const type = (typed: string): void => {
    desk.setState({ number: typed.slice(0, LONGEST_NUMBER) });
    setEmpty(false);
    setProblem(null);
  };
  const pick = (wanted: string, name: string): void => {
    type(wanted);
    choose({ number: wanted, name });
    field.current?.focus();
  };
  const clear = (): void => {
    type("");
    field.current?.focus();
  };
  const place = async (wanted: string, phoneId: string | null): Promise<void> => {
    setProblem(null);
    desk.setState({ number: "", lastNumber: wanted });
    const refused = await line.call(wanted, phoneId);
    if (refused === null) return;
    desk.setState((state) => (state.number === "" ? { number: wanted } : {}));
    if (refused.code === "signed_out")
      desk.setState({ kept: { number: wanted, phoneId }, ...(!calling && { signIn: "open" }) });
    else setProblem(asProblem(refused));
  };
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const wanted = number.trim();
    if (dialable(wanted) && !isName(wanted)) return void place(wanted, desk.getState().phoneId);
    setEmpty(true);
    field.current?.focus();
  };
  const key = (event: KeyboardEvent): void => {
    if (event.key === "Escape") clear();
    if (event.key === "ArrowUp" && number === "" && desk.getState().lastNumber !== "") {
      event.preventDefault();
      type(desk.getState().lastNumber);
    }
  };
  const picked = chosen.number === number ? chosen.name : "";
  return { number, picked, problem, empty, type, pick, clear, submit, key };
}
