/**
 * The lines at the bottom of a terminal that are painted over and over.
 *
 * The cursor rests, hidden, on the line below the region. A repaint goes up as many rows as the region takes,
 * writes what changed, and clears what is left over: one write, marked as one update for terminals that know
 * the mark, so nothing flickers. When the window gets narrower the terminal wraps what is there, so the
 * rows are counted anew with each repaint. `close` shows the cursor again, also when the process ends early.
 */
import { fitLine, type Line, type Paint, paintLine } from "./line.ts";
import { textWidth } from "./text-width.ts";

/** The part of a terminal's stream that is used. */
export interface Terminal {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

const COLUMNS_DEFAULT = 80;
const ROWS_DEFAULT = 24;
/** Narrower than this, lines are cut as if it were this wide. */
const COLUMNS_MIN = 10;

const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
const BEGIN_UPDATE = "\x1b[?2026h";
const END_UPDATE = "\x1b[?2026l";
const CLEAR_LINE_END = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

export class LiveRegion {
  readonly #terminal: Terminal;
  readonly #paint: Paint;
  #painted: readonly { readonly text: string; readonly width: number }[] = [];
  #paintedColumns = 0;
  #isOpen = false;
  readonly #showCursor = () => this.#terminal.write(SHOW_CURSOR);

  constructor(terminal: Terminal, paint: Paint) {
    this.#terminal = terminal;
    this.#paint = paint;
  }

  /** Width of the terminal. */
  get columns(): number {
    return Math.max(COLUMNS_MIN, this.#terminal.columns || COLUMNS_DEFAULT);
  }

  /** Lines that fit: one row stays for the cursor. */
  get height(): number {
    return Math.max(1, (this.#terminal.rows || ROWS_DEFAULT) - 1);
  }

  draw(lines: readonly Line[]): void {
    const columns = this.columns;
    const next = lines.slice(0, this.height).map((line) => {
      // One column stays free: a full row leaves the cursor where terminals disagree.
      const fitted = fitLine(line, columns - 1);
      return { text: paintLine(fitted, this.#paint), width: textWidth(fitted.map(({ text }) => text).join("")) };
    });
    const isSame = columns === this.#paintedColumns;
    const rows = next.map(({ text }, index) =>
      isSame && this.#painted[index]?.text === text ? "" : text + CLEAR_LINE_END,
    );
    this.#write(`${this.#open()}${this.#up(columns)}${rows.map((row) => `${row}\n`).join("")}${CLEAR_BELOW}`);
    this.#painted = next;
    this.#paintedColumns = columns;
  }

  /** Takes the region away and leaves the cursor where it began. */
  clear(): void {
    if (this.#painted.length > 0) this.#write(`${this.#up(this.columns)}${CLEAR_BELOW}`);
    this.#painted = [];
  }

  /** Shows the cursor again. Harmless when called twice. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.off("exit", this.#showCursor);
    this.#showCursor();
  }

  #open(): string {
    if (this.#isOpen) return "";
    this.#isOpen = true;
    process.on("exit", this.#showCursor);
    return HIDE_CURSOR;
  }

  #up(columns: number): string {
    const rows = this.#painted.reduce((sum, { width }) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    return rows > 0 ? `\r\x1b[${rows}A` : "\r";
  }

  #write(text: string): void {
    this.#terminal.write(`${BEGIN_UPDATE}${text}${END_UPDATE}`);
  }
}
