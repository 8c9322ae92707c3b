import { Button, Field, Input, Select, makeStyles, tokens } from "@fluentui/react-components";
import { EyeOffRegular, EyeRegular } from "@fluentui/react-icons";
import { useEffect, useRef, useState, type RefObject, type SyntheticEvent } from "react";
import type { PbxChoice, Session } from "../../api/model";
import { asProblem, type Problem } from "../../api/problem";
import { ProblemBar } from "../../surface/ProblemBar";
import { useDesk, useProduct, useTexts } from "../../surface/product";
import { useCountdown } from "../../surface/time";

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", rowGap: tokens.spacingVerticalL },
  submit: { alignSelf: "stretch" },
  privacy: { margin: 0, color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

interface SignInFormProps {
  readonly pbxs: readonly PbxChoice[];
  readonly onSignedIn: (session: Session) => void;
}

/** Login and password for one phone system. Nothing typed is lost by an error, except a password that was refused. */
export function SignInForm({ pbxs, onSignedIn }: SignInFormProps) {
  const styles = useStyles();
  const texts = useTexts();
  const loginField = useRef<HTMLInputElement>(null);
  const passwordField = useRef<HTMLInputElement>(null);
  const form = useSignIn(pbxs, { loginField, passwordField }, onSignedIn);
  const wait = useCountdown(form.notBefore);
  return (
    <form className={styles.form} onSubmit={form.submit} noValidate>
      {form.problem !== null && (form.problem.code !== "too_many_attempts" || wait > 0) && (
        <ProblemBar problem={form.problem} />
      )}
      {pbxs.length > 1 && <PbxField pbxs={pbxs} value={form.pbxId} onChange={form.setPbxId} />}
      <Field
        label={texts.signIn.login}
        hint={texts.signIn.loginHint}
        {...complaint(form.tried && form.login.trim() === "", texts.signIn.missingLogin)}
      >
        <Input
          ref={loginField}
          size="large"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          value={form.login}
          onChange={(_, { value }) => form.setLogin(value)}
        />
      </Field>
      <PasswordField form={form} field={passwordField} />
      <Button
        className={styles.submit}
        type="submit"
        size="large"
        appearance="primary"
        disabled={wait > 0 || form.busy}
      >
        {submitLabel()}
      </Button>
      <p className={styles.privacy}>{texts.signIn.privacy}</p>
    </form>
  );

  function submitLabel(): string {
    if (form.busy) return texts.signIn.submitting;
    return wait > 0 ? texts.signIn.wait(spanOf(wait)) : texts.signIn.submit;
  }

  function spanOf(seconds: number): string {
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}

function PbxField(props: { pbxs: readonly PbxChoice[]; value: string; onChange: (id: string) => void }) {
  const texts = useTexts();
  return (
    <Field label={texts.signIn.pbx}>
      <Select size="large" value={props.value} onChange={(_, { value }) => props.onChange(value)}>
        {props.pbxs.map(({ id, name, primary }) => (
          <option key={id} value={id}>
            {primary ? texts.signIn.primary(name) : name}
          </option>
        ))}
      </Select>
    </Field>
  );
}

function PasswordField({ form, field }: { form: SignInState; field: RefObject<HTMLInputElement | null> }) {
  const texts = useTexts();
  const [visible, setVisible] = useState(false);
  return (
    <Field
      label={texts.signIn.password}
      {...complaint(form.tried && form.password === "", texts.signIn.missingPassword)}
    >
      <Input
        ref={field}
        size="large"
        name="password"
        type={visible ? "text" : "password"}
        autoComplete="current-password"
        autoCapitalize="none"
        spellCheck={false}
        value={form.password}
        onChange={(_, { value }) => form.setPassword(value)}
        contentAfter={
          <Button
            appearance="transparent"
            icon={visible ? <EyeOffRegular /> : <EyeRegular />}
            aria-label={visible ? texts.signIn.hide : texts.signIn.show}
            onClick={() => setVisible(!visible)}
          />
        }
      />
    </Field>
  );
}

type SignInState = ReturnType<typeof useSignIn>;

interface SignInFields {
  readonly loginField: RefObject<HTMLInputElement | null>;
  readonly passwordField: RefObject<HTMLInputElement | null>;
}

function useSignIn(
  pbxs: readonly PbxChoice[],
  { loginField, passwordField }: SignInFields,
  onSignedIn: (session: Session) => void,
) {
  const { line, desk } = useProduct();
  const lastPbx = useDesk((state) => state.lastPbx);
  const login = useDesk((state) => state.login);
  const setLogin = (typed: string) => desk.setState({ login: typed });
  const first = pbxs.find(({ id }) => id === lastPbx) ?? pbxs.find(({ primary }) => primary) ?? pbxs[0];
  const [pbxId, setPbxId] = useState(first?.id ?? "");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [notBefore, setNotBefore] = useState(0);
  useEffect(() => (login === "" ? loginField : passwordField).current?.focus(), []); // eslint-disable-line react-hooks/exhaustive-deps -- only on opening

  const refused = (refusal: Problem): void => {
    setProblem(refusal);
    setNotBefore(Date.now() + refusal.retryAfter * 1_000);
    if (refusal.code !== "pbx_credentials_rejected") return;
    setPassword("");
    setTried(false);
    passwordField.current?.focus();
  };
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    setTried(true);
    if (login.trim() === "") return loginField.current?.focus();
    if (password === "") return passwordField.current?.focus();
    if (busy || Date.now() < notBefore) return;
    setBusy(true);
    setProblem(null);
    line.api
      .signIn(pbxId, login.trim(), password)
      .then(onSignedIn, (thrown: unknown) => refused(asProblem(thrown)))
      .finally(() => setBusy(false));
  };
  return {
    ...{ pbxId, setPbxId, login, setLogin, password, setPassword },
    ...{ tried, busy, problem, notBefore, submit },
  };
}

function complaint(wrong: boolean, message: string) {
  return wrong ? ({ validationState: "error", validationMessage: message } as const) : {};
}
