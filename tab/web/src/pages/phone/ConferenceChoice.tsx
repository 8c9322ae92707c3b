import { Button, Checkbox, Field, makeStyles, tokens } from "@fluentui/react-components";
import { useState, type SyntheticEvent } from "react";
import type { Call } from "../../api/model";
import { useDesk, useLive, useProduct, useTexts } from "../../surface/product";
import { joinable } from "./CallActions";

const useStyles = makeStyles({
  form: { gridColumn: "1 / -1" },
  row: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: tokens.spacingHorizontalS },
});

/** Which other calls shall be joined with this one. */
export default function ConferenceChoice({ call, onClose }: { call: Call; onClose: () => void }) {
  const styles = useStyles();
  const { line } = useProduct();
  const texts = useTexts();
  const phoneId = useDesk((state) => state.phoneId);
  const calls = useLive((state) => state.calls);
  const partners = calls.filter((other) => other.id !== call.id && joinable(other));
  const [left, leave] = useState<ReadonlySet<string>>(new Set());
  const chosen = partners.filter(({ id }) => !left.has(id)).map(({ id }) => id);
  if (partners.length === 0 || !joinable(call)) return null;

  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    onClose();
    void line.conference(call, chosen, phoneId);
  };
  const toggle = (id: string): void => {
    leave((known) => (known.has(id) ? new Set([...known].filter((other) => other !== id)) : new Set([...known, id])));
  };
  return (
    <form className={styles.form} onSubmit={submit} onKeyDown={(event) => event.key === "Escape" && onClose()}>
      <Field label={texts.calls.conferenceWith}>
        <div className={styles.row} role="group">
          {partners.map(({ id, remote }) => (
            <Checkbox
              key={id}
              label={remote.name || remote.number || texts.calls.unknown}
              checked={!left.has(id)}
              onChange={() => toggle(id)}
            />
          ))}
          <Button type="submit" appearance="primary" disabled={chosen.length === 0}>
            {texts.calls.conferenceSubmit}
          </Button>
          <Button onClick={onClose}>{texts.cancel}</Button>
        </div>
      </Field>
    </form>
  );
}
