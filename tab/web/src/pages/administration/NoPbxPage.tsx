import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { PlugConnectedRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { asProblem } from "../../api/problem";
import { withQueries } from "../../lists/queries";
import { FullPage } from "../../surface/FullPage";
import { CopyButton, ProblemBar } from "../../surface/ProblemBar";
import { useProduct, useTexts } from "../../surface/product";
import { PbxList } from "./PbxList";

const useStyles = makeStyles({
  request: {
    margin: 0,
    padding: tokens.spacingHorizontalL,
    borderRadius: tokens.borderRadiusLarge,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  actions: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
});

/** Nobody has connected a phone system yet: administrators do it here, everybody else learns whom to ask for what. */
function NoPbxPage({ onAgain }: { onAgain: () => void }) {
  const { line } = useProduct();
  const { noPbx } = useTexts();
  const pbxs = useQuery({ queryKey: ["pbxs"], queryFn: () => line.api.pbxs() });
  if (pbxs.isPending) return null;
  if (pbxs.isSuccess) {
    return (
      <FullPage wide title={noPbx.adminTitle} text={noPbx.adminText} icon={<PlugConnectedRegular />}>
        <PbxList pbxs={pbxs.data} onDone={onAgain} />
      </FullPage>
    );
  }
  const problem = asProblem(pbxs.error);
  if (problem.status === 403) return <AskAdministrator onAgain={onAgain} />;
  return (
    <FullPage title={noPbx.title} icon={<PlugConnectedRegular />}>
      <ProblemBar problem={problem} />
      <div>
        <Button onClick={() => void pbxs.refetch()}>{noPbx.check}</Button>
      </div>
    </FullPage>
  );
}

function AskAdministrator({ onAgain }: { onAgain: () => void }) {
  const styles = useStyles();
  const { noPbx } = useTexts();
  return (
    <FullPage title={noPbx.title} text={noPbx.text} icon={<PlugConnectedRegular />}>
      <blockquote className={styles.request}>{noPbx.request}</blockquote>
      <div className={styles.actions}>
        <CopyButton text={noPbx.request} label={noPbx.copyRequest} />
        <Button onClick={onAgain}>{noPbx.check}</Button>
      </div>
    </FullPage>
  );
}

export default withQueries(NoPbxPage);
