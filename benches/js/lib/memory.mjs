// What a process holds: the JavaScript heap, array buffers, and the linear memories of WebAssembly instances made after `watchMemories`.
const memories = [];

/** Notes the memory of every instance made from now on. Call it before the package is imported. */
export function watchMemories() {
  const Instance = WebAssembly.Instance;
  WebAssembly.Instance = new Proxy(Instance, {
    construct(target, args, newTarget) {
      const instance = Reflect.construct(target, args, newTarget);
      for (const value of Object.values(instance.exports)) if (value instanceof WebAssembly.Memory) memories.push(value);
      return instance;
    },
  });
}

export const linearBytes = () => memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);

/** Bytes in use after full collections; linear memory is counted once. */
export function held() {
  for (let i = 0; i < 6; i += 1) globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed, buffers: arrayBuffers, linear: linearBytes() };
}
