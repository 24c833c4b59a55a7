import { SaxesParser } from 'saxes';
import { XesError, type XesErrorCode } from './xes-error.js';

/** Is told of every element, with the line its opening tag ends on. */
export interface ElementListener {
  open(name: string, attributes: Readonly<Record<string, string>>, line: number): void;
  close(): void;
}

const readableEncodings = /^(utf-?8|us-ascii)$/i;

/** A strict XML parser fed with text in chunks; the first thing wrong with it throws a `XesError`. */
export class XmlParser {
  readonly #saxes = new SaxesParser();
  readonly #path: string;
  #phase: 'before root' | 'in root' | 'at the end' = 'before root';

  constructor(path: string, listener: ElementListener) {
    this.#path = path;
    this.#saxes.on('xmldecl', ({ encoding }) => this.#checkEncoding(encoding));
    this.#saxes.on('opentag', ({ name, attributes }) => {
      this.#phase = 'in root';
      listener.open(name, attributes, this.line);
    });
    this.#saxes.on('closetag', () => listener.close());
    this.#saxes.on('error', ({ message }) => this.#fail(withoutPlace(message)));
  }

  /** The line the parser has come to. */
  get line(): number {
    return this.#saxes.line;
  }

  write(text: string): void {
    this.#saxes.write(text);
  }

  close(): void {
    if (this.#phase === 'before root') this.#failWith('FILE_EMPTY', 'holds no XML element');
    this.#phase = 'at the end';
    this.#saxes.close();
  }

  #checkEncoding(encoding = 'utf-8'): void {
    if (readableEncodings.test(encoding)) return;
    this.#failWith('NOT_UTF8', `declares the encoding ${encoding}; only UTF-8 is read`);
  }

  #fail(problem: string): never {
    if (this.#phase === 'before root') this.#failWith('NOT_XML', `is not XML: ${problem}`);
    if (this.#phase === 'in root') this.#failWith('XML_MALFORMED', `broken XML: ${problem}`);
    return this.#failWith('XML_TRUNCATED', `the file ends too early: ${problem}`);
  }

  #failWith(code: XesErrorCode, problem: string): never {
    throw new XesError(code, { path: this.#path, line: this.line }, problem);
  }
}

/** saxes puts "line:column: " before each message. */
function withoutPlace(message: string): string {
  return message.replace(/^\d+:\d+: /, '');
}
