/** A conversation of several: a carer, an interpreter, a nurse, each seen as such by all. */

import { useState } from "preact/hooks";

import { post } from "./api.ts";
import { Back } from "./Back.tsx";
import { ChoosePeople, pairsOf } from "./ChoosePeople.tsx";
import { Field, Heading, Problem, useDoing } from "./parts.tsx";
import type { DeskConversation } from "./shapes.ts";
import { useDeskSpeech } from "./speech.ts";
import type { Go } from "./views.ts";

export function Several({ all, go }: { readonly all: readonly DeskConversation[]; readonly go: Go }) {
  const { say } = useDeskSpeech();
  const doing = useDoing();
  const [name, setName] = useState("");
  const [chosen, choose] = useState<readonly string[]>([]);
  const pairs = pairsOf(all);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (name.trim() === "") return doing.tell("needsGroupName");
    if (chosen.length === 0) return doing.tell("needsPeople");
    void doing.run(async () => {
      const { conversation } = await post<{ conversation: string }>("/api/groups", { name: name.trim(), people: chosen });
      go({ is: "talk", id: conversation });
    });
  };
  return (
    <form class="panel" onSubmit={submit} noValidate>
      <Back go={go} />
      <Heading>{say("groupTitle")}</Heading>
      <p>{say(pairs.length === 0 ? "groupNone" : "groupMore")}</p>
      <Field id="group" label={say("groupName")} value={name} set={setName} about="error" />
      <ChoosePeople pairs={pairs} chosen={chosen} choose={choose} />
      <Problem of={doing} id="error" />
      <button type="submit" disabled={doing.busy}>
        {say("groupMake")}
      </button>
    </form>
  );
}
