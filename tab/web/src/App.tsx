import { Button } from "@fluentui/react-components";
import { PlugDisconnectedRegular, ShieldKeyholeRegular } from "@fluentui/react-icons";
import { Suspense, lazy, useCallback, useEffect, useState } from "react";
import { asProblem, type Problem } from "./api/problem";
import { Shell } from "./shell/Shell";
import { arrived } from "./surface/arrival";
import { FullPage } from "./surface/FullPage";
import { ProblemTrace } from "./surface/ProblemBar";
import { useDesk, useLive, useProduct, useTexts } from "./surface/product";
import { useSignInPrompt } from "./surface/sign-in-prompt";

const SignInPage = lazy(() => import("./pages/sign-in/SignInPage"));
const SignInOverlay = lazy(() => import("./pages/sign-in/SignInOverlay"));
const NoPbxPage = lazy(() => import("./pages/administration/NoPbxPage"));
const Administration = lazy(() => import("./pages/administration/AdministrationPage"));

/** The tab: asks who is signed in and shows the page that fits. */
export function App() {
  const { line, host } = useProduct();
  const [problem, setProblem] = useState<Problem | null>(null);
  const begin = useCallback(() => {
    line.start().then(
      () => setProblem(null),
      (thrown: unknown) => setProblem(asProblem(thrown)),
    );
  }, [line]);
  useEffect(begin, [begin]);

  const session = useLive((state) => state.session);
  const shown = session !== null || problem !== null;
  useEffect(() => {
    if (!shown) return;
    host.ready();
  }, [host, shown]);

  if (problem !== null) return <Obstacle problem={problem} onAgain={begin} />;
  if (session === null) return null;
  return (
    <Suspense>
      <Pages />
    </Suspense>
  );
}

/** The page that fits the session. Once somebody was signed in, an ended sign-in lies over the page and never replaces it. */
function Pages() {
  useSignInPrompt();
  const { line } = useProduct();
  const session = useLive((state) => state.session);
  const page = useDesk((desk) => desk.page);
  const overlay = useDesk((desk) => desk.signIn === "open");
  const signedIn = session?.state === "signed_in";
  const [wasSignedIn, setWasSignedIn] = useState(signedIn);
  if (signedIn && !wasSignedIn) setWasSignedIn(true);
  if (!signedIn && wasSignedIn && session?.reason === "never") setWasSignedIn(false);

  if (page === "administration" && !wasSignedIn) return <Shown page={<Administration />} />;
  if (session?.pbxs.length === 0 && !wasSignedIn) return <Shown page={<NoPbxPage onAgain={() => line.look()} />} />;
  if (!wasSignedIn) return <Shown page={<SignInPage />} />;
  return (
    <>
      <Shown page={<Shell />} />
      {overlay && <SignInOverlay />}
    </>
  );
}

function Shown({ page }: { page: React.ReactNode }) {
  useEffect(arrived, []);
  return page;
}

/** What stands between Teams and the first page: no token, no tenant, no service. */
function Obstacle({ problem, onAgain }: { problem: Problem; onAgain: () => void }) {
  const { host, language } = useProduct();
  const texts = useTexts();
  useEffect(arrived, []);
  if (problem.code === "tenant_unknown") {
    return (
      <Suspense>
        <NoPbxPage onAgain={onAgain} />
      </Suspense>
    );
  }
  const consent = () => void host.askConsent().then(onAgain, onAgain);
  const asksWindow = problem.code === "teams_consent" || problem.code === "teams_interaction";
  return (
    <FullPage
      title={problem.wantsTeams ? texts.teams.title : texts.product}
      text={sentence(problem, language.problem(problem), texts.teams)}
      icon={problem.wantsTeams ? <ShieldKeyholeRegular /> : <PlugDisconnectedRegular />}
    >
      <div>
        <Button appearance="primary" size="large" onClick={asksWindow ? consent : onAgain}>
          {asksWindow ? texts.teams.proceed : texts.retry}
        </Button>
      </div>
      <ProblemTrace problem={problem} />
    </FullPage>
  );
}

function sentence(problem: Problem, otherwise: string, teams: Readonly<Record<string, string>>): string {
  return problem.code.startsWith("teams_") ? (teams[problem.code.slice("teams_".length)] ?? otherwise) : otherwise;
}
