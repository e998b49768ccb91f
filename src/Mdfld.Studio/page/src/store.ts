import * as api from "./api";
import type { Face, Summary } from "./types";

/** A change of one face: what it was and what it is; null where there was or is none. */
interface Change {
  before: Face | null;
  after: Face | null;
}

export interface SaveState {
  text: string;
  isProblem: boolean;
}

/**
 * The faces of one picture: changed at once on the screen, saved in order, undone and redone. A change that another
 * window was faster with is given up for the other one's, and comes back with undo.
 */
export class FaceStore {
  faces: Face[] = [];
  private done: Change[] = [];
  private undone: Change[] = [];
  private versions = new Map<string, number>();
  /** Of faces that another window was faster with: how often. What was on its way before is given up. */
  private lost = new Map<string, number>();
  private saving: Promise<void> = Promise.resolve();
  private waiting = 0;
  private changes = 0;

  constructor(
    readonly name: string,
    private readonly changed: () => void,
    private readonly summarised: (summary: Summary) => void,
    private readonly said: (state: SaveState) => void,
    private readonly told: (message: string) => void,
  ) {}

  get canUndo(): boolean {
    return this.done.length > 0;
  }

  get canRedo(): boolean {
    return this.undone.length > 0;
  }

  get isSaving(): boolean {
    return this.waiting > 0;
  }

  /** Takes over what the server has; nothing of it is undone. */
  load(faces: Face[]): void {
    this.faces = faces;
    // Of faces that are gone nothing is remembered: undone, they come back as new ones.
    this.versions = new Map(faces.map((f) => [f.id, f.version]));
    this.changed();
  }

  /** As load, of what an earlier request brings; unless something was changed here meanwhile. */
  async refresh(ask: () => Promise<Face[]>): Promise<void> {
    const before = this.changes;
    const faces = await ask();
    if (!this.isSaving && this.changes === before) this.load(faces);
  }

  /** Shows a face that is being dragged; it is neither saved nor undone. */
  preview(face: Face): void {
    this.faces = this.faces.map((f) => (f.id === face.id ? face : f));
    this.changed();
  }

  /** Changes, adds (before: null) or deletes (after: null) a face. */
  commit(before: Face | null, after: Face | null): void {
    this.done.push({ before, after });
    this.undone = [];
    this.apply(before, after);
  }

  undo(): void {
    const change = this.done.pop();
    if (!change) return;
    this.undone.push(change);
    this.apply(change.after, change.before);
  }

  redo(): void {
    const change = this.undone.pop();
    if (!change) return;
    this.done.push(change);
    this.apply(change.before, change.after);
  }

  /** Waits until all is saved. */
  async settled(): Promise<void> {
    await this.saving;
  }

  private apply(from: Face | null, to: Face | null): void {
    if (to && this.faces.some((f) => f.id === to.id)) this.faces = this.faces.map((f) => (f.id === to.id ? to : f));
    else if (to) this.faces = [...this.faces, to];
    else this.faces = this.faces.filter((f) => f.id !== from!.id);
    this.changed();
    this.enqueue(from, to);
  }

  private enqueue(from: Face | null, to: Face | null): void {
    this.waiting++;
    this.changes++;
    this.said({ text: "Saving …", isProblem: false });
    const id = (to ?? from!).id;
    const lost = this.lost.get(id);
    this.saving = this.saving.then(() => (this.lost.get(id) === lost ? this.save(from, to) : undefined)).finally(() => {
      this.waiting--;
      if (this.waiting === 0) this.said({ text: "Saved", isProblem: false });
    });
  }

  private async save(from: Face | null, to: Face | null): Promise<void> {
    for (;;) {
      try {
        if (to) {
          const { face, summary } = await api.put(this.name, { ...to, version: this.versions.get(to.id) ?? 0 });
          this.versions.set(face.id, face.version);
          this.summarised(summary);
        } else {
          const { summary } = await api.remove(this.name, from!.id, this.versions.get(from!.id) ?? 0);
          this.versions.delete(from!.id);
          this.summarised(summary);
        }
        return;
      } catch (e) {
        if (e instanceof api.Refusal) {
          this.yieldTo(e, to ?? from!);
          return;
        }
        // The server is not there: it may come back, and nothing is lost meanwhile.
        this.said({ text: "Not saved: the studio does not answer; trying again", isProblem: true });
        await new Promise((resume) => setTimeout(resume, 1000));
      }
    }
  }

  /** Takes the other window's face over; ours comes back with undo. */
  private yieldTo(refusal: api.Refusal, ours: Face): void {
    const theirs = (refusal.details as Face | null) ?? null;
    if (refusal.status !== 409) {
      this.told(`Not saved: ${refusal.message}`);
      return;
    }
    this.lost.set(ours.id, (this.lost.get(ours.id) ?? 0) + 1);
    if (theirs) this.versions.set(theirs.id, theirs.version);
    else this.versions.delete(ours.id);
    const newest = this.faces.find((f) => f.id === ours.id) ?? ours;
    const rest = this.faces.filter((f) => f.id !== ours.id);
    this.faces = theirs ? [...rest, theirs] : rest;
    this.done.push({ before: newest, after: theirs });
    this.undone = [];
    this.changed();
    this.told(`${refusal.message}: that version is shown; undo brings yours back`);
  }
}
