// What the bundlers of the edge runtimes make of an imported module.
declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}
