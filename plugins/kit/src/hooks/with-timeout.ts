/** Waits for a piece of work at most so many milliseconds; what is late is not waited for, and rejects with this message. */
export async function withTimeout<T>(ms: number, work: T | PromiseLike<T>, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(message)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
