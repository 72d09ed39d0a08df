// As much of IndexedDB as the vault needs, with promises: one request per transaction. (The idb package was
// tried; it does the same and costs a kilobyte of the client's size limit.)

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export class Database {
  private opened: Promise<IDBDatabase> | null = null;
  private readonly name: string;
  private readonly version: number;
  private readonly upgrade: (db: IDBDatabase) => void;

  constructor(name: string, version: number, upgrade: (db: IDBDatabase) => void) {
    this.name = name;
    this.version = version;
    this.upgrade = upgrade;
  }

  private open(): Promise<IDBDatabase> {
    if (!this.opened) {
      const request = indexedDB.open(this.name, this.version);
      request.onupgradeneeded = () => this.upgrade(request.result);
      this.opened = settled(request);
      const forget = () => {
        this.opened = null;
      };
      this.opened.then((db) => {
        // Another tab wants a newer version, or the browser took the database away: open it again next time.
        db.onversionchange = () => {
          db.close();
          forget();
        };
        db.onclose = forget;
      }, forget);
    }
    return this.opened;
  }

  /** Runs one request in a transaction of its own and waits until it is on disk. */
  async run<T>(
    store: string,
    mode: IDBTransactionMode,
    work: (store: IDBObjectStore) => IDBRequest,
  ): Promise<T> {
    const db = await this.open();
    const transaction = db.transaction(store, mode);
    const request = work(transaction.objectStore(store));
    return new Promise<T>((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result as T);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  }
}
