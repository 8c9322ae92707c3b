import { Link, Select, makeStyles, tokens } from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { asProblem } from "../../api/problem";
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
  const queries = useQueryClient();
  const signedIn = useLive((state) => state.session?.state === "signed_in");
  const chosen = useDesk((state) => state.phoneId);
  const { data: phones, isError } = useQuery({
    queryKey: ["phones"],
    queryFn: () => line.api.phones(),
    enabled: signedIn,
  });
  const always = useMutation({
    mutationFn: (id: string) => line.api.choosePhone(id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["phones"] }),
    onError: (thrown) => line.noticed(asProblem(thrown)),
  });

  if (isError) return null; // The main phone rings all the same.
  if (phones === undefined) return <span className={styles.expected} />;
  if (phones.length === 0) return <span>{phone.noPhone}</span>;
  const main = phones.find(({ primary }) => primary);
  const current = phones.find(({ id }) => id === chosen) ?? main ?? phones[0];
  if (current === undefined) return null;
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
        <Link as="button" type="button" onClick={() => always.mutate(current.id)}>
          {phone.always}
        </Link>
      )}
      {always.isError && <ProblemBar problem={asProblem(always.error)} />}
    </>
  );
}
