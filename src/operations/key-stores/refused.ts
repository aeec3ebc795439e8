/** Awaits what a key manager does, and translates what it throws. */
export async function refusedAs<T>(translate: (error: unknown) => unknown, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translate(error);
  }
}
