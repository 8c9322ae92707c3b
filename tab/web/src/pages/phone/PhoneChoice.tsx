import { Link, Select, makeStyles, tokens } from "@fluentui/react-components";
import { useEffect, useState } from "react";
import { asProblem, type Problem } from "../../api/problem";
import { ProblemBar } from "../../surface/ProblemBar";
import { useDesk, useLive, useProduct, useTexts } from "../../surface/product";

const useStyles = makeStyles({
  expected: {
    width: "16rem",
    maxWidth: "100%",
    height: "24px",
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
  },
  choice: { display: "flex", flexWrap: "wrap", alignItems: "center", columnGap: tokens.spacingHorizontalS },
});

/** Which phone rings first. With one phone there is nothing to choose, with none there is something to say. */
export function PhoneChoice() {
  const styles = useStyles();
  const { line, desk } = useProduct();
  const { phone } = useTexts();
  const chosen = useDesk((state) => state.phoneId);
  const { phones, failed } = usePhones();
  const [problem, setProblem] = useState<Problem | null>(null);

  if (failed) return null; // The main phone rings all the same.
  if (phones === null) return <span className={styles.expected} />;
  if (phones.length === 0) return <span>{phone.noPhone}</span>;
  const main = phones.find(({ primary }) => primary);
  const current = phones.find(({ id }) => id === chosen) ?? main ?? phones[0];
  if (current === undefined) return null;
  const always = async (): Promise<void> => {
    setProblem(null);
    try {
      await line.api.choosePhone(current.id);
      desk.setState({ phones: phones.map((known) => ({ ...known, primary: known.id === current.id })) });
    } catch (thrown) {
      setProblem(line.noticed(asProblem(thrown)));
    }
  };
  return (
    <>
      <label className={styles.choice}>
        {phone.ringsOn}
        <Select
          size="small"
          value={current.id}
          disabled={phones.length === 1}
          onChange={(_, { value }) => desk.setState({ phoneId: value })}
        >
          {phones.map(({ id, name }) => (
            <option key={id} value={id}>
              {id === main?.id ? `${name} (${phone.mainPhone})` : name}
            </option>
          ))}
        </Select>
      </label>
      {main !== undefined && current.id !== main.id && (
        <Link as="button" type="button" onClick={() => void always()}>
          {phone.always}
        </Link>
      )}
      {problem !== null && <ProblemBar problem={problem} />}
    </>
  );
}

/** The person's phones, asked for once for each sign-in. */
function usePhones() {
  const { line, desk } = useProduct();
  const signIn = useLive(({ session }) => (session?.state === "signed_in" ? (session.expiresAt ?? "") : null));
  const phones = useDesk((state) => state.phones);
  const [failed, setFailed] = useState(false);
  const missing = phones === null;
  useEffect(() => {
    if (signIn === null || !missing) return;
    line.api.phones().then(
      (known) => desk.setState({ phones: known }),
      () => setFailed(true),
    );
  }, [line, desk, signIn, missing]);
  return { phones, failed: failed && missing };
}
