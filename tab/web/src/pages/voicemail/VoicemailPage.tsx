import { Select } from "@fluentui/react-components";
import { VoicemailRegular } from "@fluentui/react-icons";
import { keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import type { Problem } from "../../api/problem";
import {
  deleteVoicemail,
  voicemails,
  type Folder,
  type Voicemail,
  type VoicemailPage as Page,
} from "../../api/voicemail";
import { Answered, Blank } from "../../lists/Answered";
import { Filters } from "../../lists/Filters";
import { VirtualList } from "../../lists/VirtualList";
import { withQueries } from "../../lists/queries";
import { useRowStyles } from "../../lists/row-look";
import { useUndo } from "../../lists/undo";
import { PageFrame } from "../../surface/PageFrame";
import { ProblemBar } from "../../surface/ProblemBar";
import { useDesk, useLive, useProduct, useRooms, useTexts } from "../../surface/product";
import { MessageRow } from "./MessageRow";

type Shelf = Folder | "all";

/** Messages that are fetched in one go. */
const PAGE = 50;

/** Recorded messages: heard in the page, called back, put into folders, thrown away. */
function VoicemailPage() {
  const { line } = useProduct();
  const texts = useTexts();
  const { voicemail } = useRooms();
  const [shelf, setShelf] = useState<Shelf>("all");
  const [box, setBox] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const { query, more } = useMessages(box, shelf);
  const undo = useUndo((id) => deleteVoicemail(line.api, id), voicemail.deleted, voicemail.deleteFailed);
  return (
    <PageFrame title={texts.pages.voicemail} wide>
      <Tools boxes={query.data?.pages[0]?.mailboxes ?? []} {...{ shelf, setShelf, box, setBox }} />
      {problem !== null && <ProblemBar problem={problem} />}
      {undo.bar}
      <Answered query={query} rows={5}>
        {({ pages }) => {
          const shown = pages.flatMap((page) => page.messages).filter(({ id }) => !undo.gone.has(id));
          if (shown.length === 0)
            return <Blank title={voicemail.none} text={voicemail.noneText} icon={<VoicemailRegular />} />;
          return <Messages shown={shown} onEnd={more} onRemove={undo.remove} onProblem={setProblem} />;
        }}
      </Answered>
    </PageFrame>
  );
}

interface MessagesProps {
  readonly shown: readonly Voicemail[];
  readonly onEnd: () => void;
  readonly onRemove: (id: string) => void;
  readonly onProblem: (problem: Problem | null) => void;
}

function Messages({ shown, onEnd, onRemove, onProblem }: MessagesProps) {
  const texts = useTexts();
  const meant = useDesk((desk) => desk.item);
  const [open, setOpen] = useState(meant);
  return (
    <VirtualList<Voicemail> label={texts.pages.voicemail} items={shown} keyOf={({ id }) => id} onEnd={onEnd}>
      {(message) => (
        <MessageRow
          message={message}
          open={open === message.id}
          onOpen={() => setOpen(open === message.id ? "" : message.id)}
          onRemove={() => onRemove(message.id)}
          onProblem={onProblem}
        />
      )}
    </VirtualList>
  );
}

interface ToolsProps {
  readonly boxes: Page["mailboxes"];
  readonly shelf: Shelf;
  readonly setShelf: (shelf: Shelf) => void;
  readonly box: string;
  readonly setBox: (box: string) => void;
}

function Tools({ boxes, shelf, setShelf, box, setBox }: ToolsProps) {
  const rows = useRowStyles();
  const { language } = useProduct();
  const { voicemail } = useRooms();
  const waiting = boxes.reduce((sum, { waiting: each }) => sum + each, 0);
  return (
    <>
      <div className={rows.tools}>
        <Filters label={voicemail.folder} names={voicemail.folders} chosen={shelf} onChoose={setShelf} />
        {boxes.length > 1 && (
          <Select aria-label={voicemail.box} value={box} onChange={(_, { value }) => setBox(value)}>
            <option value="">{voicemail.allBoxes}</option>
            {boxes.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        )}
      </div>
      {boxes.length > 0 && (
        <p className={rows.hint} role="status">
          {voicemail.waiting(waiting, language.count(waiting))}
        </p>
      )}
    </>
  );
}

/** The messages that fit, page by page; asked for anew when the phone system tells that something changed. */
function useMessages(box: string, shelf: Shelf) {
  const { line } = useProduct();
  const client = useQueryClient();
  const signedIn = useLive((state) => state.session?.state === "signed_in");
  const query = useInfiniteQuery({
    queryKey: ["voicemail", box, shelf],
    queryFn: ({ pageParam }) => voicemails(line.api, box, shelf === "all" ? "" : shelf, pageParam, PAGE),
    initialPageParam: 0,
    getNextPageParam: (last, pages) =>
      last.more ? pages.reduce((sum, page) => sum + page.messages.length, 0) : undefined,
    enabled: signedIn,
    placeholderData: keepPreviousData,
  });
  useEffect(() => {
    const changed = () => void client.invalidateQueries({ queryKey: ["voicemail"] });
    line.news.addEventListener("voicemail", changed);
    return () => line.news.removeEventListener("voicemail", changed);
  }, [line, client]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return { query, more };
}

export default withQueries(VoicemailPage);
