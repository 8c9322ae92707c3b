import { Button } from "@fluentui/react-components";
import { ArrowLeftRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { Answered } from "../../lists/Answered";
import { withQueries } from "../../lists/queries";
import { PageFrame } from "../../surface/PageFrame";
import { turnTo } from "../../surface/desk";
import { useLive, useProduct, useTexts } from "../../surface/product";
import { PbxList } from "./PbxList";
import { RolloutCard } from "./RolloutCard";

/** What an administrator sees: the organisation's phone systems. One who never signed in to one of them has a way back. */
function AdministrationPage() {
  const { line, desk } = useProduct();
  const { administration: texts } = useTexts();
  const signedIn = useLive((state) => state.session?.state === "signed_in");
  const pbxs = useQuery({ queryKey: ["pbxs"], queryFn: () => line.api.pbxs() });
  const back = (
    <Button appearance="subtle" icon={<ArrowLeftRegular />} onClick={() => turnTo(desk, "phone")}>
      {texts.back}
    </Button>
  );
  return (
    <PageFrame title={texts.pbxs} actions={signedIn ? undefined : back}>
      <Answered query={pbxs} rows={2} open>
        {(known) => <PbxList pbxs={known} onChanged={() => line.look()} />}
      </Answered>
      {pbxs.isSuccess && <RolloutCard />}
    </PageFrame>
  );
}

export default withQueries(AdministrationPage);
