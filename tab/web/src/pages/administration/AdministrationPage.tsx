import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { ArrowLeftRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { asProblem } from "../../api/problem";
import { ProblemBar } from "../../surface/ProblemBar";
import { useProduct, useTexts } from "../../surface/product";
import { PbxList } from "./PbxList";

const useStyles = makeStyles({
  page: { minHeight: "100vh", boxSizing: "border-box", backgroundColor: tokens.colorNeutralBackground2 },
  column: {
    maxWidth: "40rem",
    marginInline: "auto",
    padding: `${tokens.spacingVerticalL} ${tokens.spacingHorizontalL} ${tokens.spacingVerticalXXXL}`,
    display: "flex",
    flexDirection: "column",
    rowGap: tokens.spacingVerticalL,
  },
  title: { margin: 0, fontSize: tokens.fontSizeHero700, lineHeight: tokens.lineHeightHero700 },
});

/** What an administrator sees: the organisation's phone systems. */
export default function AdministrationPage() {
  const styles = useStyles();
  const { line, desk } = useProduct();
  const { administration: texts } = useTexts();
  const pbxs = useQuery({ queryKey: ["pbxs"], queryFn: () => line.api.pbxs() });
  return (
    <div className={styles.page}>
      <main className={styles.column}>
        <div>
          <Button appearance="transparent" icon={<ArrowLeftRegular />} onClick={() => desk.setState({ page: "phone" })}>
            {texts.back}
          </Button>
        </div>
        <h1 className={styles.title}>{texts.pbxs}</h1>
        {pbxs.isError && <ProblemBar problem={asProblem(pbxs.error)} />}
        {pbxs.isSuccess && <PbxList pbxs={pbxs.data} onChanged={() => line.look()} />}
      </main>
    </div>
  );
}
