import { withQueries } from "../../lists/queries";
import { PageFrame } from "../../surface/PageFrame";
import { useTexts } from "../../surface/product";
import { Account } from "./Account";
import { Health } from "./Health";
import { Ledger } from "./Ledger";
import { NoticeSwitches } from "./NoticeSwitches";

/** What concerns the person themselves: sign-in, notices, what is known about them, how things are going. */
function SettingsPage() {
  const texts = useTexts();
  return (
    <PageFrame title={texts.pages.settings}>
      <Account />
      <NoticeSwitches />
      <Ledger />
      <Health />
    </PageFrame>
  );
}

export default withQueries(SettingsPage);
