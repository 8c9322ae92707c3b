import { withQueries } from "../../lists/queries";
import { PageFrame } from "../../surface/PageFrame";
import { useTexts } from "../../surface/product";
import { Account } from "./Account";

/** What concerns the person themselves: sign-in, notices, what is known about them, how things are going. */
function SettingsPage() {
  const texts = useTexts();
  return (
    <PageFrame title={texts.pages.settings}>
      <Account />
    </PageFrame>
  );
}

export default withQueries(SettingsPage);
