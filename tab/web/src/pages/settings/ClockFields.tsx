import { Field, Input, Switch, makeStyles, tokens } from "@fluentui/react-components";
import type { Notices } from "../../api/own-data";
import { useRooms } from "../../surface/product";

const useStyles = makeStyles({
  line: { display: "flex", flexWrap: "wrap", alignItems: "end", gap: tokens.spacingHorizontalM },
  clock: { minWidth: 0, width: "9rem" },
});

interface ClockFieldProps {
  readonly label: string;
  /** A time such as `17:00`; `null` while it is off. */
  readonly clock: string | null;
  readonly usual: string;
  readonly onChange: (clock: string | null) => void;
}

/** Something that happens at a time each day, or not at all. */
export function ClockField({ label, clock, usual, onChange }: ClockFieldProps) {
  const styles = useStyles();
  const { settings } = useRooms();
  return (
    <div className={styles.line}>
      <Switch label={label} checked={clock !== null} onChange={(_, { checked }) => onChange(checked ? usual : null)} />
      {clock !== null && <Time label={settings.at} value={clock} onChange={onChange} />}
    </div>
  );
}

interface QuietFieldsProps {
  readonly quiet: Notices["quiet"];
  readonly onChange: (quiet: Notices["quiet"]) => void;
}

/** The hours in which nothing is told. */
export function QuietFields({ quiet, onChange }: QuietFieldsProps) {
  const styles = useStyles();
  const { settings } = useRooms();
  return (
    <div className={styles.line}>
      <Switch
        label={settings.quiet}
        checked={quiet !== null}
        onChange={(_, { checked }) => onChange(checked ? { since: "18:00", until: "08:00" } : null)}
      />
      {quiet !== null && (
        <>
          <Time label={settings.since} value={quiet.since} onChange={(since) => onChange({ ...quiet, since })} />
          <Time label={settings.until} value={quiet.until} onChange={(until) => onChange({ ...quiet, until })} />
        </>
      )}
    </div>
  );
}

interface TimeProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (clock: string) => void;
}

function Time({ label, value, onChange }: TimeProps) {
  const styles = useStyles();
  return (
    <Field label={label}>
      <Input
        className={styles.clock}
        type="time"
        value={value}
        onChange={(_, { value: typed }) => typed !== "" && onChange(typed)}
      />
    </Field>
  );
}
