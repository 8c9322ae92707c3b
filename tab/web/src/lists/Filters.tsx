import { ToggleButton, makeStyles, tokens } from "@fluentui/react-components";

const useStyles = makeStyles({
  filters: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalXS },
  filter: { minWidth: 0 },
});

interface FiltersProps<K extends string> {
  readonly label: string;
  readonly names: Readonly<Record<K, string>>;
  readonly chosen: K;
  readonly onChoose: (filter: K) => void;
}

/** A few views of one list, of which one is chosen. */
export function Filters<K extends string>({ label, names, chosen, onChoose }: FiltersProps<K>) {
  const styles = useStyles();
  return (
    <div className={styles.filters} role="group" aria-label={label}>
      {(Object.entries(names) as [K, string][]).map(([key, name]) => (
        <ToggleButton
          key={key}
          className={styles.filter}
          shape="circular"
          size="small"
          checked={key === chosen}
          onClick={() => onChoose(key)}
        >
          {name}
        </ToggleButton>
      ))}
    </div>
  );
}
