// The groups that wait for a decision, in order; those that are put off come last.

/**
 * @typedef {import("./reasons.js").Fact} Fact
 * @typedef {{id: string, name: string, uri: string | null, label: string | null, width: number, height: number, format: string, size: number,
 *   attributes: Record<string, unknown>, folder: number, kind: string, facts: Fact[], suggested: boolean, decided: boolean | null, stays: boolean}} Member
 * @typedef {{group: string, kind: string, state: "open" | "decided" | "returned", decision: number | null, folders: number, items: Member[]}} Group
 * @typedef {{groups: Group[], total: number, next: string | null}} Page
 */

const AHEAD = 5; // groups that are loaded before they are needed

export class Queue {
  /** @type {Group[]} */ #groups = [];
  /** @type {Group[]} */ #later = [];
  /** @type {string | null} */ #next = "";
  #at = 0;
  total = 0;

  /** @param {(after: string) => Promise<Page>} load */
  constructor(load) {
    this.load = load;
  }

  /** The group in view; null where there is none. @returns {Group | null} */
  get current() {
    return this.#groups[this.#at] ?? null;
  }

  /** How many groups lie before the one in view. */
  get place() {
    return this.#at;
  }

  /** Load the first groups, and go to one of them. @param {Group | null} [first] shown first, wherever it lies */
  async begin(first = null) {
    this.#groups = first ? [first] : [];
    await this.#more();
  }

  /** Go on by so many groups; none are left out. @param {number} steps */
  async move(steps) {
    this.#at = Math.max(0, Math.min(this.#at + steps, this.#groups.length + this.#later.length - 1));
    await this.#fill();
  }

  /** Take the group in view out. */
  async remove() {
    this.#groups.splice(this.#at, 1);
    this.total = Math.max(0, this.total - 1);
    await this.#fill();
  }

  /** Put the group in view behind all others. */
  async putOff() {
    const [group] = this.#groups.splice(this.#at, 1);
    if (group) this.#later.push(group);
    await this.#fill();
  }

  /** Put a group, as it is now, in the place of the one in view. @param {Group} group */
  replace(group) {
    this.#groups[this.#at] = group;
  }

  async #fill() {
    while (this.#groups.length - this.#at <= AHEAD && this.#next !== null) await this.#more();
    if (this.#at >= this.#groups.length && this.#later.length) this.#groups.push(...this.#later.splice(0));
    this.#at = Math.max(0, Math.min(this.#at, this.#groups.length - 1));
  }

  async #more() {
    const page = await this.load(this.#next ?? "");
    const known = new Set([...this.#groups, ...this.#later].map((group) => group.group));
    this.#groups.push(...page.groups.filter((group) => !known.has(group.group)));
    if (this.#next === "") this.total = page.total;
    this.#next = page.next;
  }
}
