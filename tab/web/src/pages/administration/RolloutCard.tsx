import { makeStyles, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { rollout, type Rollout } from "../../api/administration";
import { Answered } from "../../lists/Answered";
import { useRowStyles } from "../../lists/row-look";
import { CopyButton } from "../../surface/ProblemBar";
import { useProduct, useTexts } from "../../surface/product";

const useStyles = makeStyles({
  link: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr) auto",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalM,
  },
});

/** Links to hand out, and where the app is given to everybody. */
export function RolloutCard() {
  const rows = useRowStyles();
  const { line } = useProduct();
  const { administration: texts } = useTexts();
  const query = useQuery({ queryKey: ["rollout"], queryFn: () => rollout(line.api), staleTime: Infinity });
  return (
    <section className={rows.card} aria-labelledby="rollout">
      <h2 id="rollout" className={rows.cardTitle}>
        {texts.rollout}
      </h2>
      <p className={rows.hint}>{texts.rolloutHint}</p>
      <Answered query={query} rows={2} open>
        {(links) => <Links links={links} />}
      </Answered>
    </section>
  );
}

function Links({ links }: { links: Rollout }) {
  const rows = useRowStyles();
  const styles = useStyles();
  const { administration: texts, copy } = useTexts();
  const all = [
    [texts.links.app, links.appLink],
    [texts.links.tab, links.tabLink],
    [texts.links.chat, links.chatLink],
    [texts.links.center, links.adminCenterLink],
  ] as const;
  return all.map(([name, link]) => (
    <div key={name} className={styles.link} role="group" aria-label={name}>
      <span className={rows.words}>
        <span className={rows.first}>{name}</span>
        <span className={rows.second} title={link}>
          {link}
        </span>
      </span>
      <CopyButton text={link} label={copy} />
    </div>
  ));
}
