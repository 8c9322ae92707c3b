import { Button, Select, makeStyles, tokens } from "@fluentui/react-components";
import { ArrowDownloadRegular } from "@fluentui/react-icons";
import { useMutation, useQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { asProblem, type Problem } from "../../api/problem";
import { moveVoicemail, recording, type Folder, type Voicemail, type VoicemailPage } from "../../api/voicemail";
import { ProblemBar } from "../../surface/ProblemBar";
import { Skeleton } from "../../surface/Skeleton";
import { useProduct, useRooms, useTexts } from "../../surface/product";
import { saved } from "../../surface/saved";

const useStyles = makeStyles({
  player: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: tokens.spacingHorizontalM,
    padding: `0 ${tokens.spacingHorizontalL} ${tokens.spacingVerticalL}`,
  },
  sound: { flexGrow: 1, minWidth: "15rem", height: "44px" },
});

interface PlayerProps {
  readonly message: Voicemail;
  readonly who: string;
  readonly onProblem: (problem: Problem | null) => void;
}

/** What was recorded, with seeking; beside it the folder and a copy to keep. A message heard to its end is no longer new. */
export function Player({ message, who, onProblem }: PlayerProps) {
  const styles = useStyles();
  const { line } = useProduct();
  const texts = useTexts();
  const { voicemail } = useRooms();
  const { data, error } = useQuery({
    queryKey: ["recording", message.id],
    queryFn: () => recording(line.api, message.id),
    staleTime: Infinity,
    gcTime: 60_000,
  });
  const address = useMemo(() => (data === undefined ? null : URL.createObjectURL(data)), [data]);
  useEffect(() => {
    return () => {
      if (address !== null) URL.revokeObjectURL(address);
    };
  }, [address]);
  const move = useMove(message, onProblem);
  if (error !== null) return <ProblemBar problem={asProblem(error)} title={voicemail.notHeard} />;
  if (data === undefined || address === null) return <Skeleton rows={1} label={texts.loading} />;
  return (
    <div className={styles.player}>
      <audio
        className={styles.sound}
        controls
        autoPlay
        src={address}
        aria-label={voicemail.hear(who)}
        onEnded={() => message.folder === "inbox" && move.mutate("old")}
      />
      <Select
        aria-label={voicemail.folder}
        value={message.folder}
        onChange={(_, { value }) => move.mutate(value as Folder)}
      >
        {(["inbox", "old", "private"] as const).map((folder) => (
          <option key={folder} value={folder}>
            {voicemail.folders[folder]}
          </option>
        ))}
      </Select>
      <Button icon={<ArrowDownloadRegular />} onClick={() => saved(data, `voicemail.${endingOf(data)}`)}>
        {voicemail.download}
      </Button>
    </div>
  );
}

/** Puts the message into another folder at once, and back when refused. */
function useMove(message: Voicemail, onProblem: (problem: Problem | null) => void) {
  const { line } = useProduct();
  const client = useQueryClient();
  const put = (folder: string): void => {
    client.setQueriesData<InfiniteData<VoicemailPage>>({ queryKey: ["voicemail"] }, (known) =>
      known === undefined
        ? known
        : {
            ...known,
            pages: known.pages.map((page) => ({
              ...page,
              messages: page.messages.map((each) => (each.id === message.id ? { ...each, folder } : each)),
            })),
          },
    );
  };
  return useMutation({
    mutationFn: (folder: Folder) => moveVoicemail(line.api, message.id, folder),
    onMutate: (folder) => {
      onProblem(null);
      put(folder);
    },
    onError: (thrown) => {
      put(message.folder);
      onProblem(line.noticed(asProblem(thrown)));
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["voicemail"] }),
  });
}

function endingOf({ type }: Blob): string {
  const endings: Readonly<Record<string, string>> = { "audio/mpeg": "mp3", "audio/ogg": "ogg" };
  return endings[type] ?? "wav";
}
