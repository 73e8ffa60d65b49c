/** The one place of the page that imports the package: the assembled one, beside www/. */
export { CacheService, routeRequest } from "../../pkg/index.js";
