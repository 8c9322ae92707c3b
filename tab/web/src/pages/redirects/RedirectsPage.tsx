import { CallForwardRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { redirects, type InForce, type Redirect } from "../../api/settings";
import { Answered, Blank } from "../../lists/Answered";
import { withQueries } from "../../lists/queries";
import { useRowStyles } from "../../lists/row-look";
import { PageFrame } from "../../surface/PageFrame";
import { useLive, useProduct, useRooms, useTexts } from "../../surface/product";
import { useNow } from "../../surface/time";
import { PresenceBar } from "../phone/PresenceBar";
import { RedirectRule } from "./RedirectRule";

/** What happens to calls that nobody takes: what is in force now first, then each rule as a sentence. */
function RedirectsPage() {
  const { line } = useProduct();
  const texts = useTexts();
  const signedIn = useLive((state) => state.session?.state === "signed_in");
  const query = useQuery({ queryKey: ["redirects"], queryFn: () => redirects(line.api), enabled: signedIn });
  return (
    <PageFrame title={texts.pages.redirects}>
      <PresenceBar />
      <Answered query={query} rows={4}>
        {({ redirects: rules, inForce }) => (
          <>
            <Now facts={inForce} />
            <Rules rules={rules} />
          </>
        )}
      </Answered>
    </PageFrame>
  );
}

function Now({ facts }: { facts: readonly InForce[] }) {
  const styles = useRowStyles();
  const { language } = useProduct();
  const { redirects: texts } = useRooms();
  const now = useNow(60_000);
  const until = (moment: string | null | undefined) =>
    moment == null ? "" : ` ${texts.until(language.moment(Date.parse(moment), now))}`;
  return (
    <section className={styles.card} aria-labelledby="in-force" aria-live="polite">
      <h2 id="in-force" className={styles.cardTitle}>
        {texts.now}
      </h2>
      {facts.length === 0 && <span>{texts.nothing}</span>}
      {facts.map((fact) => (
        <span key={`${fact.redirectId} ${fact.number}`}>
          {texts.fact(
            fact.number,
            texts.when(fact.trigger, fact.afterSeconds ?? 0),
            texts.goal(fact.to, fact.targetName ?? fact.target),
          )}
          {until(fact.until)}.
        </span>
      ))}
    </section>
  );
}

function Rules({ rules }: { rules: readonly Redirect[] }) {
  const styles = useRowStyles();
  const { redirects: texts } = useRooms();
  if (rules.length === 0) return <Blank title={texts.none} text={texts.noneText} icon={<CallForwardRegular />} />;
  const numbers = [...new Map(rules.map(({ number, group }) => [number, group]))];
  return numbers.map(([number, group]) => (
    <section key={number} className={styles.card} aria-label={number}>
      <h2 className={styles.cardTitle}>{group ? texts.groupNumber(number) : texts.ownNumber(number)}</h2>
      {rules
        .filter((rule) => rule.number === number)
        .map((rule) => (
          <RedirectRule key={rule.id} rule={rule} />
        ))}
    </section>
  ));
}

export default withQueries(RedirectsPage);
