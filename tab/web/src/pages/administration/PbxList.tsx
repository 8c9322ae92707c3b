import { Button, MessageBar, MessageBarBody, makeStyles, tokens } from "@fluentui/react-components";
import { AddRegular } from "@fluentui/react-icons";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Pbx } from "../../api/model";
import { useTexts } from "../../surface/product";
import { PbxCard } from "./PbxCard";
import { PbxForm } from "./PbxForm";

const useStyles = makeStyles({
  list: {
    listStyle: "none",
    margin: 0,
    padding: 0,
    display: "flex",
    flexDirection: "column",
    rowGap: tokens.spacingVerticalL,
  },
  actions: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  title: { margin: 0, fontSize: tokens.fontSizeBase400 },
});

interface PbxListProps {
  readonly pbxs: readonly Pbx[];
  /** Called after each change of the list. */
  readonly onChanged?: () => void;
  /** Leads on when somebody sets up the first phone system. */
  readonly onDone?: () => void;
}

/** The phone systems of the organisation, and a form for another one. */
export function PbxList({ pbxs, onChanged, onDone }: PbxListProps) {
  const styles = useStyles();
  const { administration: texts } = useTexts();
  const queries = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [added, setAdded] = useState("");

  const changed = () => void queries.invalidateQueries({ queryKey: ["pbxs"] }).then(onChanged);
  const onAdded = (pbx: Pbx) => {
    setAdding(false);
    setAdded(pbx.name);
    changed();
  };
  return (
    <>
      {added !== "" && (
        <MessageBar intent="success" layout="multiline">
          <MessageBarBody>{texts.added(added)}</MessageBarBody>
        </MessageBar>
      )}
      <ul className={styles.list}>
        {pbxs.map((pbx) => (
          <PbxCard key={pbx.id} pbx={pbx} onChanged={changed} />
        ))}
      </ul>
      {adding || pbxs.length === 0 ? (
        <>
          {pbxs.length > 0 && <h2 className={styles.title}>{texts.add}</h2>}
          <PbxForm
            first={pbxs.length === 0}
            onSaved={onAdded}
            {...(pbxs.length > 0 && { onCancel: () => setAdding(false) })}
          />
        </>
      ) : (
        <div className={styles.actions}>
          {onDone !== undefined && (
            <Button appearance="primary" size="large" onClick={onDone}>
              {texts.proceed}
            </Button>
          )}
          <Button
            size={onDone === undefined ? "medium" : "large"}
            icon={<AddRegular />}
            onClick={() => setAdding(true)}
          >
            {texts.add}
          </Button>
        </div>
      )}
    </>
  );
}
