import { Button, Field, Input, makeStyles, tokens } from "@fluentui/react-components";
import { useEffect, useRef, useState, type KeyboardEvent, type SyntheticEvent } from "react";
import type { Call } from "../../api/model";
import { LONGEST_NUMBER } from "../../host/places";
import { useProduct, useTexts } from "../../surface/product";
import { dialable } from "../../surface/numbers";

const useStyles = makeStyles({
  form: { gridColumn: "1 / -1" },
  row: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  target: { flexGrow: 1, minWidth: "10rem" },
});

/** Where a call shall go. Escape closes it and puts the focus back on its tile's button. */
export default function ForwardField({ call, onClose }: { call: Call; onClose: () => void }) {
  const styles = useStyles();
  const { line } = useProduct();
  const texts = useTexts();
  const [target, setTarget] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);

  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    const wanted = target.trim();
    if (!dialable(wanted)) return field.current?.focus();
    const problem = await line.forward(call, wanted);
    if (problem === null) onClose();
  };
  const key = (event: KeyboardEvent): void => {
    if (event.key === "Escape") onClose();
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)} onKeyDown={key} noValidate>
      <Field label={texts.calls.forwardTo}>
        <div className={styles.row}>
          <Input
            ref={field}
            className={styles.target}
            type="tel"
            autoComplete="off"
            maxLength={LONGEST_NUMBER}
            aria-label={texts.calls.forwardTo}
            placeholder={texts.phone.placeholder}
            value={target}
            onChange={(_, { value }) => setTarget(value)}
          />
          <Button type="submit" appearance="primary">
            {texts.calls.forwardSubmit}
          </Button>
          <Button onClick={onClose}>{texts.cancel}</Button>
        </div>
      </Field>
    </form>
  );
}
