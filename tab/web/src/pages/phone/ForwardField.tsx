import { Button, Field, makeStyles, tokens } from "@fluentui/react-components";
import { useEffect, useRef, useState, type KeyboardEvent, type SyntheticEvent } from "react";
import type { Call } from "../../api/model";
import { useProduct, useTexts } from "../../surface/product";
import { PersonField, isName } from "../../surface/PersonField";
import { dialable } from "../../surface/numbers";

const useStyles = makeStyles({
  form: { gridColumn: "1 / -1" },
  row: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
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
    if (!dialable(wanted) || isName(wanted)) return field.current?.focus();
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
          <PersonField
            field={field}
            label={texts.calls.forwardTo}
            value={target}
            onType={setTarget}
            onPick={(number) => setTarget(number)}
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
