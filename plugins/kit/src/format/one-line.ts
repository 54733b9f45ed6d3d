/** Text on one line: white space folded, control characters and escape sequences of terminals taken out. */
export function oneLine(text: string): string {
  return text.replace(ESCAPES, '').replace(/\s+/g, ' ').replace(CONTROLS, '').trim()
}

// CSI sequences (colour, cursor), OSC sequences (titles, links), and two-character escapes; C1 forms too.

const ESCAPES =
  /(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]|\u001B\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|\u001B[@-Z\\-_]/g

const CONTROLS = /[\u0000-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g
